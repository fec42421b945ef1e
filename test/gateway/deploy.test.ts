import { readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { Wrangler } from "../support/wrangler.ts";

test("wrangler makes less than 100 KiB of it, compressed", { timeout: 60_000 }, async () => {
  await using wrangler = await Wrangler.open();
  await symlink(join(import.meta.dirname, "../node_modules"), join(wrangler.folder, "node_modules"));
  await wrangler.file(
    "wrangler.json",
    JSON.stringify({
      name: "gateway",
      main: "gateway.ts",
      compatibility_date: "2026-01-01",
      kv_namespaces: [{ binding: "KV", id: "0123456789abcdef0123456789abcdef" }],
    }),
  );
  await wrangler.file(
    "gateway.ts",
    'import { createGateway } from "@kvplug/gateway"; export default createGateway({ namespaces: { KV: "id" } });',
  );
  await wrangler.run(["deploy", "--dry-run", "--outdir", "out"]);
  const bundle = await readFile(join(wrangler.folder, "out/gateway.js"));
  expect(gzipSync(bundle).byteLength).toBeLessThan(100 * 1024);
  // Nothing of Node, whose modules a Worker has only on demand.
  expect(bundle.toString()).not.toMatch(/from "node:/);
});
