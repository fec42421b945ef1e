import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startServer, type RunningServer } from "@kvplug/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allBlocks, ROOT } from "./support/blocks.ts";
import { environmentOf, expectPromised, NODE, run } from "./support/running.ts";
import type { RanBlock } from "./support/run-blocks.ts";
import { fileOf, FOLDER, writeBlocks } from "./support/written.ts";

const RUN_BLOCKS = join(import.meta.dirname, "support/run-blocks.ts");

const blocks = allBlocks();
const runnable = blocks.filter((block) => block.run);

beforeAll(() => {
  writeBlocks(blocks);
});

test("every block of code compiles", async () => {
  expect(blocks.length).toBeGreaterThan(50);
  const tsc = join(ROOT, "node_modules", ".bin", "tsc");
  const { output, exitCode } = await run(tsc, ["--pretty", "false", "-p", FOLDER]);
  expect(output).toBe("");
  expect(exitCode).toBe(0);
});

// Those of jest are run by `pnpm test:frameworks`, which installs it.
test("the blocks that are marked as tests of vitest pass", async () => {
  const tests = blocks.filter((block) => block.test === "vitest").map((block) => join(FOLDER, fileOf(block)));
  expect(tests.length).toBeGreaterThan(0);
  const config = join(FOLDER, "vitest.config.mjs");
  writeFileSync(config, `export default ${JSON.stringify({ test: { include: tests, root: ROOT } })};\n`);
  const vitest = join(ROOT, "node_modules", "vitest", "vitest.mjs");
  const { output, exitCode } = await run(NODE, [vitest, "run", "--config", config], { NODE_OPTIONS: "" });
  expect(exitCode, output).toBe(0);
  expect(output).toContain(`${tests.length} passed`);
});

// In one process, those apart that start processes of themselves. In one of its own, which must end by itself, each is
// run in `blocks.full.test.ts`.
describe("a block that is marked runs, and prints what it says", () => {
  const together = runnable.filter(({ code }) => !code.includes("node:cluster"));
  const ended = new Map<string, RanBlock>();
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer({ namespaces: runnable.map(({ place }) => place) });
    const all = together.map((block) => ({ file: join(FOLDER, fileOf(block)), env: environmentOf(block, server) }));
    const { output } = await run(NODE, [RUN_BLOCKS, JSON.stringify(all)]);
    for (const [i, line] of output.trim().split("\n").entries()) {
      ended.set(together[i]!.place, JSON.parse(line) as RanBlock);
    }
  });
  afterAll(() => server.close());

  test.for(together)("$place", (block) => {
    const { output, failed } = ended.get(block.place)!;
    expect(failed, output).toBe(false);
    expectPromised(block, output);
  });

  test.for(runnable.filter((block) => !together.includes(block)))("$place", async (block) => {
    const { output, exitCode } = await run(NODE, [join(FOLDER, fileOf(block))], environmentOf(block, server));
    expect(exitCode, output).toBe(0);
    expectPromised(block, output);
  });
});
