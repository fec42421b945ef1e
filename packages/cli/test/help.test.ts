import type { Command } from "commander";
import { expect, test } from "vitest";
import { createProgram } from "../src/program.ts";
import { contextOf, kvplug } from "./command.ts";

/** Every command that does something, with all that is in front of its name. */
function* commandsOf(command: Command, path = ""): Generator<[path: string, command: Command]> {
  for (const one of command.createHelp().visibleCommands(command)) {
    if (one.name() === "help") continue;
    const name = `${path} ${one.name()}`.trim();
    if (one.commands.length === 0) yield [name, one];
    else yield* commandsOf(one, name);
  }
}

/** What `--help` prints on a terminal of 80 columns. */
function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 80 });
  command.outputHelp();
  return text;
}

test.each([...commandsOf(createProgram(contextOf([])))])(
  "%s --help has examples, and its lists fit 80 columns",
  (path, command) => {
    const help = helpOf(command);
    expect(help).toContain(`Examples:\n`);
    expect(help).toMatch(new RegExp(`^ {2}.*kvplug ${path}\\b.*# `, "m"));
    const lists = help.slice(0, help.indexOf("Examples:")).split("\n");
    expect(lists.filter((line) => line.length > 80)).toEqual([]);
    expect(command.registeredArguments.filter(({ description }) => description === "")).toEqual([]);
  },
);

test("help shows what --help does, of a command and of one below it; and knows no other", async () => {
  const run = async (...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> => {
    await using process = kvplug(args);
    const { code, stdout, stderr } = await process.ended;
    return { code, stdout, stderr };
  };
  const [all, help, put, helpPut, create, helpCreate, unknown, below] = await Promise.all([
    run("--help"),
    run("help"),
    run("put", "--help"),
    run("help", "put"),
    run("ns", "create", "--help"),
    run("help", "ns", "create"),
    run("help", "pu"),
    run("help", "ns", "creat"),
  ]);
  expect(all).toMatchObject({ code: 0, stdout: expect.stringMatching(/On this machine:(\n .*)*\n {2}completion /) });
  expect([help, helpPut, helpCreate]).toEqual([all, put, create]);
  expect(unknown).toEqual({ code: 2, stdout: "", stderr: "kvplug: unknown command 'pu' (Did you mean put?)\n" });
  expect(below).toEqual({ code: 2, stdout: "", stderr: "kvplug: unknown command 'creat' (Did you mean create?)\n" });
});
