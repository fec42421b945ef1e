import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as core from "@kvplug/core";
import { expect, test } from "vitest";
import { ROOT } from "./support/blocks.ts";

const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");

/** The rows of the tables under a heading, as cells. */
function rows(page: string, heading: string): string[][] {
  const [, after] = read(page).split(`\n## ${heading}\n`);
  const [section] = after!.split("\n## ");
  return [...section!.matchAll(/^\| (.+) \|$/gm)].map(([, row]) => row!.split(" | ").map((cell) => cell.trim()));
}

test("each code that an error may have is in the table of errors, with a cause and a remedy, and no other", () => {
  const [, union] = /export type KVErrorCode =([^;]+);/.exec(read("packages/core/src/seam/errors.ts"))!;
  const codes = [...union!.matchAll(/"(KV_\w+)"/g)].map(([, code]) => code);
  expect(codes.length).toBeGreaterThan(10);

  const table = rows("docs/errors.md", "Codes").filter(([code]) => code!.startsWith("`KV_"));
  expect(table.map(([code]) => code!.replaceAll("`", ""))).toEqual(codes);
  for (const [code, cause, remedy] of table) expect([cause, remedy], code).not.toContain("");
});

test("each limit that core exports is in the tables of limits, with its figure and a source", () => {
  const sections = ["Keys and values", "Requests", "In a Worker"];
  const table = sections.flatMap((section) => rows("docs/limits.md", section));
  const limits = Object.entries(core).filter(([name]) => /^(MIN|MAX)_|_LIMIT$/.test(name));
  expect(limits.length).toBeGreaterThan(10);
  for (const [name, limit] of limits) {
    const row = table.find(([, , constant]) => constant === `\`${name}\``);
    expect(row, name).toBeDefined();
    const figure = typeof limit === "number" ? limit : core.CLOUDFLARE_RATE_LIMIT.requests;
    expect(row![1], name).toContain(figure.toLocaleString("en"));
    expect(row![3], name).toMatch(/^\[/);
  }
});

test.for(["CONTRIBUTING.md", "docs/writes.md"])("each source file that %s names exists", (page) => {
  const folders = ["", "packages", "packages/core/src", "packages/cache", "packages/cache/src"];
  const files = [...read(page).matchAll(/`((?:[\w-]+\/)+[\w.-]+\.ts)`/g)].map(([, file]) => file!);
  expect(files.length).toBeGreaterThan(10);
  const missing = files.filter((file) => !folders.some((folder) => existsSync(join(ROOT, folder, file))));
  expect(missing).toEqual([]);
});
