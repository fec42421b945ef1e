import { execFile, type ExecFileException } from "node:child_process";
import { join } from "node:path";
import type { RunningServer } from "@kvplug/server";
import { expect } from "vitest";
import { ROOT, type Block } from "./blocks.ts";
import { FOLDER } from "./written.ts";

/** The Node of the clone, whichever runs the tests. */
export const NODE: string = join(ROOT, "node_modules", "node", "bin", "node");

/** How a program ended. */
export interface Ended {
  /** Of both streams. */
  output: string;
  exitCode: number;
}

/** Runs a program among the blocks. */
export function run(command: string, args: string[], env: Record<string, string> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(command, args, { cwd: FOLDER, env: { ...process.env, ...env } }, (error, stdout, stderr) => {
      resolve({ output: stdout + stderr, exitCode: exitCodeOf(error) });
    });
  });
}

/** What leads a block to a namespace of its own. */
export function environmentOf(block: Block, server: RunningServer): Record<string, string> {
  return {
    CLOUDFLARE_API_BASE_URL: server.url,
    CLOUDFLARE_ACCOUNT_ID: server.account,
    CLOUDFLARE_API_TOKEN: "any",
    CLOUDFLARE_KV_NAMESPACE_ID: server.namespaces.find(({ title }) => title === block.place)!.id,
  };
}

/** Checks that a block printed what the comments beside its `console.log`s say, in that order. */
export function expectPromised({ code }: Block, output: string): void {
  let rest = output;
  for (const [, line] of code.matchAll(/console\.log\(.*\); \/\/ (.+)$/gm)) {
    expect(rest).toContain(line);
    rest = rest.slice(rest.indexOf(line!) + line!.length);
  }
}

function exitCodeOf(error: ExecFileException | null): number {
  return error === null ? 0 : Number(error.code);
}
