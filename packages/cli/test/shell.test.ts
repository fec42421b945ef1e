import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { shellQuote } from "../src/shell.ts";

const run = promisify(execFile);

const WORDS = [
  "plain-1/2.3",
  "",
  "a b",
  "it's",
  "$(touch /tmp/owned)",
  "`id`",
  "a\\b",
  '"$HOME"',
  "~",
  "*",
  "!!",
  "a;b|c&d>e<f",
  "#no comment",
  "ümläut 日本",
  "--flag",
  "=ls",
];
const HOSTILE = ["a\nb", "\u001b]0;it's\u0007", "\u009b31m\\", "\u202egnp.exe", "1\u00012", "\t'\u007f"];

test.each([...WORDS, ...HOSTILE])("a shell reads %j as it was", async (word) => {
  const shells = HOSTILE.includes(word) ? ["bash"] : ["sh", "bash"];
  for (const shell of shells) {
    const { stdout } = await run(shell, ["-c", `printf %s ${shellQuote(word)}`]);
    expect(stdout).toBe(word);
  }
});

test.each(HOSTILE)("and %j holds nothing that a terminal obeys", (word) => {
  expect(shellQuote(word)).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
});
