import { join } from "node:path";
import { startServer } from "@kvplug/server";
import { describe, expect, inject, test } from "vitest";
import { allBlocks } from "../docs/support/blocks.ts";
import { isFull } from "../support/full.ts";
import { listAll } from "../support/namespace.ts";
import { buildApp } from "./support/app.ts";

const TOKEN = "token-of-the-apps-0123456789";

// What jest requires must be CommonJS; these are compiled as such by ts-jest, and their types by `module: commonjs`.
const apps: Record<string, Record<string, string>> = {
  // With the tests of jest that stand in the documentation.
  "nestjs-11-jest": Object.fromEntries(
    allBlocks()
      .filter((block) => block.home === "jest")
      .map(({ code }, i) => [`docs-${i}.jest.ts`, code]),
  ),
  "nestjs-10-jest": {},
};

// For a release: each takes half a minute, and that `require` gives what `import` does, the packed packages show each time.
describe.runIf(isFull).each(Object.entries(apps))("%s", (name, files) => {
  test("passes its tests, which jest runs", async () => {
    await using server = await startServer({ token: TOKEN, namespaces: ["test"] });
    const folder = join(import.meta.dirname, "apps", name);
    const app = await buildApp(folder, inject("tarballs"), {}, { output: "", entry: "", files });
    try {
      await app.run("test", {
        CLOUDFLARE_API_BASE_URL: server.url,
        CLOUDFLARE_ACCOUNT_ID: server.account,
        CLOUDFLARE_KV_NAMESPACE_ID: server.namespaces[0]!.id,
        CLOUDFLARE_API_TOKEN: TOKEN,
      });
      expect(await listAll(server.kv("test"))).not.toEqual([]);
    } finally {
      await app.remove();
    }
  });
});
