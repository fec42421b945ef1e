import { join } from "node:path";
import { startServer, type RunningServer } from "@kvplug/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allBlocks } from "./support/blocks.ts";
import { environmentOf, expectPromised, NODE, run } from "./support/running.ts";
import { fileOf, FOLDER, writeBlocks } from "./support/written.ts";

const blocks = allBlocks();
const runnable = blocks.filter((block) => block.run);

describe.concurrent("a block that is marked is a program that ends by itself", () => {
  let server: RunningServer;
  beforeAll(async () => {
    writeBlocks(blocks);
    server = await startServer({ namespaces: runnable.map(({ place }) => place) });
  });
  afterAll(() => server.close());

  test.for(runnable)("$place", async (block) => {
    const env = environmentOf(block, server);
    const { output, exitCode } = await run(NODE, [join(FOLDER, fileOf(block))], {
      // They load the same packages.
      NODE_COMPILE_CACHE: join(FOLDER, "compiled"),
      ...env,
    });
    expect(exitCode, output).toBe(0);
    expectPromised(block, output);
  });
});
