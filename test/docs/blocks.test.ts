import { execFile, type ExecFileException } from "node:child_process";
import { join } from "node:path";
import { startServer, type RunningServer } from "@kvplug/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allBlocks, ROOT, type Block } from "./support/blocks.ts";
import { fileOf, FOLDER, writeBlocks } from "./support/written.ts";

/** The Node of the clone, whichever runs the tests. */
const NODE = join(ROOT, "node_modules", "node", "bin", "node");

const blocks = allBlocks();
const runnable = blocks.filter(({ run }) => run);

beforeAll(() => {
  writeBlocks(blocks);
});

test("every block of code compiles", { timeout: 60_000 }, async () => {
  expect(blocks.length).toBeGreaterThan(50);
  const { output, exitCode } = await run(join(ROOT, "node_modules", ".bin", "tsc"), [
    "--pretty",
    "false",
    "-p",
    FOLDER,
  ]);
  expect(output).toBe("");
  expect(exitCode).toBe(0);
});

describe.concurrent("a block that is marked runs, and prints what it says", () => {
  let server: RunningServer;

  beforeAll(async () => {
    server = await startServer({ namespaces: runnable.map(({ place }) => place) });
  });

  afterAll(() => server.close());

  test.for(runnable)("$place", { timeout: 60_000 }, async (block) => {
    const { output, exitCode } = await run(NODE, [join(FOLDER, fileOf(block))], {
      // They load the same packages.
      NODE_COMPILE_CACHE: join(FOLDER, "compiled"),
      CLOUDFLARE_API_BASE_URL: server.url,
      CLOUDFLARE_ACCOUNT_ID: server.account,
      CLOUDFLARE_API_TOKEN: "any",
      CLOUDFLARE_KV_NAMESPACE_ID: server.namespaces.find(({ title }) => title === block.place)!.id,
    });
    expect(exitCode, output).toBe(0);
    let rest = output;
    for (const line of promisedBy(block)) {
      expect(rest).toContain(line);
      rest = rest.slice(rest.indexOf(line) + line.length);
    }
  });
});

/** What the comments beside its `console.log`s say that it prints, in that order. */
function promisedBy({ code }: Block): string[] {
  return [...code.matchAll(/console\.log\(.*\); \/\/ (.+)$/gm)].map(([, line]) => line!);
}

interface Ended {
  /** Of both streams. */
  output: string;
  exitCode: number;
}

function run(command: string, args: string[], env: Record<string, string> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(command, args, { cwd: FOLDER, env: { ...process.env, ...env } }, (error, stdout, stderr) => {
      resolve({ output: stdout + stderr, exitCode: exitCodeOf(error) });
    });
  });
}

function exitCodeOf(error: ExecFileException | null): number {
  return error === null ? 0 : Number(error.code);
}
