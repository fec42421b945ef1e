import { join } from "node:path";
import { startServer, type RunningServer } from "@kvplug/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allBlocks } from "./support/blocks.ts";
import { environmentOf, expectPromised, NODE, run } from "./support/running.ts";
import { fileOf, FOLDER, writeBlocks } from "./support/written.ts";

const blocks = allBlocks();
// What asks a gateway is run beside one in `blocks.test.ts`.
const runnable = blocks.filter(({ home, code }) => home === "run" && !code.includes("GATEWAY_"));
const pages = [...Map.groupBy(runnable, ({ page }) => page)];

describe.concurrent("a program ends by itself, in a process of its own", () => {
  let server: RunningServer;
  beforeAll(async () => {
    writeBlocks(blocks);
    server = await startServer({ namespaces: pages.map(([page]) => page) });
  });
  afterAll(() => server.close());

  test.for(pages)("%s", async ([, programs]) => {
    // In the page's order, as its reader runs them.
    for (const block of programs) {
      const { output, exitCode } = await run(NODE, [join(FOLDER, fileOf(block))], {
        // They load the same packages.
        NODE_COMPILE_CACHE: join(FOLDER, "compiled"),
        ...environmentOf(block, server, ""),
      });
      expect(exitCode, `${block.place}\n${output}`).toBe(0);
      expectPromised(block, output);
    }
  });
});
