import { join } from "node:path";
import { hashToken } from "@kvplug/gateway";
import { startServer, type RunningServer } from "@kvplug/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allBlocks, ROOT, type Block, type Home } from "./support/blocks.ts";
import {
  environmentOf,
  expectAnswers,
  expectPromised,
  GATEWAY_TOKEN,
  NODE,
  promisesOf,
  run,
  whileServing,
} from "./support/running.ts";
import type { RanBlock } from "./support/run-blocks.ts";
import { startWorkers, type RunningWorkers } from "./support/workers.ts";
import { fileOf, FOLDER, writeBlocks } from "./support/written.ts";

const RUN_BLOCKS = join(import.meta.dirname, "support/run-blocks.ts");

const blocks = allBlocks();
const users = blocks.filter(({ page }) => page !== "CONTRIBUTING.md");
const at = (home: Home): Block[] => users.filter((block) => block.home === home);

let server: RunningServer;
let workers: RunningWorkers;
let envOf: (block: Block) => Record<string, string>;
beforeAll(async () => {
  writeBlocks(blocks);
  server = await startServer({ namespaces: [...new Set(users.map(({ page }) => page))] });
  const secret = JSON.stringify({ sha256: await hashToken(GATEWAY_TOKEN), access: "read-write" });
  const [gateway, ...others] = at("gateway");
  expect(others).toEqual([]);
  workers = await startWorkers([gateway!, ...at("worker")], { KVPLUG_TOKEN_DOCS: secret });
  const url = await workers.urlOf(gateway!);
  envOf = (block) => environmentOf(block, server, url);
});
afterAll(async () => {
  await workers.close();
  await server.close();
});

// That every block compiles is a part of `pnpm typecheck`.
test("every block that users read is run somewhere, and shows what comes of it", () => {
  expect(blocks.length).toBeGreaterThan(50);
  expect(users.filter(({ home }) => home === undefined).map(({ place }) => place)).toEqual([]);
  const silent = at("run").filter((block) => promisesOf(block).length === 0);
  expect(silent.map(({ place }) => place)).toEqual([]);
});

describe("what a block imports was installed on its page, above it", () => {
  test.for(users)("$place", ({ code, installs }) => {
    const installed = new Set(installs.flat().map((name) => /^@?[^@]+/.exec(name)![0]));
    const imported = [...code.matchAll(/(?:from|import) "(@[^/"]+\/[^/"]+|[^/"]+)/g)].map(([, name]) => name!);
    // Of Node, and of the runtime of Workers.
    const needed = imported.filter((name) => !/^(node|cloudflare):|^\./.test(name));
    expect(needed.filter((name) => !installed.has(name))).toEqual([]);
  });
});

// In one process, those apart that start processes of themselves, and each page's in their order. In one of its own,
// which must end by itself, each is run in `blocks.full.test.ts`.
describe("a program runs, and prints what it says", () => {
  const together = at("run").filter(({ code }) => !code.includes("node:cluster"));
  const ended = new Map<string, RanBlock>();
  beforeAll(async () => {
    const all = together.map((block) => ({ file: join(FOLDER, fileOf(block)), env: envOf(block) }));
    const { output } = await run(NODE, [RUN_BLOCKS, JSON.stringify(all)]);
    for (const [i, line] of output.trim().split("\n").entries()) {
      ended.set(together[i]!.place, JSON.parse(line) as RanBlock);
    }
  });

  test.for(together)("$place", (block) => {
    const { output, failed } = ended.get(block.place)!;
    expect(failed, output).toBe(false);
    expectPromised(block, output);
  });

  test.for(at("run").filter((block) => !together.includes(block)))("$place", async (block) => {
    const { output, exitCode } = await run(NODE, [join(FOLDER, fileOf(block))], envOf(block));
    expect(exitCode, output).toBe(0);
    expectPromised(block, output);
  });
});

describe("a program that listens answers what the page shows", () => {
  test.for(at("serve"))("$place", (block) =>
    whileServing([join(FOLDER, fileOf(block))], envOf(block), (url) => expectAnswers(block.questions, url)),
  );
});

test("each file of tests passes", async () => {
  const files = at("vitest").map(fileOf);
  const vitest = join(ROOT, "node_modules", "vitest", "vitest.mjs");
  const { output, exitCode } = await run(NODE, [vitest, "run", "--root", FOLDER, ...files]);
  expect(exitCode, output).toBe(0);
  expect(output).toContain(`${files.length} passed`);
});

describe("a Worker answers what the page shows", () => {
  test.for(at("worker"))("$place", async (block) => expectAnswers(block.questions, await workers.urlOf(block)));
});
