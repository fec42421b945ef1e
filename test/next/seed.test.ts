import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { configureKV, seed } from "@kvplug/next";
import { openKV } from "@kvplug/server";
import { afterAll, afterEach, beforeEach, expect, test, vi, type Mock } from "vitest";
import { listAll } from "../support/namespace.ts";
import { overlaid } from "../support/overlaid.ts";

const kv = openKV();
let isSilent = false;
const silent = new Promise<never>(() => {});
configureKV({
  kv: overlaid(kv, { get: (...given: [string]) => (isSilent ? silent : kv.get(...given)) }),
  deadline: 20,
});
afterAll(() => kv.close());

let lines: Mock;
beforeEach(() => {
  lines = vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => lines.mockRestore());

/** A build of the Pages Router with these pages, for the rest of the test. */
function build(id: string, pages: Record<string, string>): string {
  const distDir = mkdtempSync(join(tmpdir(), "kvplug-next-"));
  builds.push(distDir);
  const folder = join(distDir, "server", "pages");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(distDir, "BUILD_ID"), id);
  const routes = Object.keys(pages).map((route) => [route, { initialRevalidateSeconds: false }]);
  writeFileSync(join(distDir, "prerender-manifest.json"), JSON.stringify({ routes: Object.fromEntries(routes) }));
  for (const [route, html] of Object.entries(pages)) {
    writeFileSync(join(folder, `${route}.html`), html);
    writeFileSync(join(folder, `${route}.json`), "{}");
    writeFileSync(join(folder, `${route}.meta`), "{}");
  }
  return distDir;
}
const builds: string[] = [];
afterEach(() => builds.splice(0).forEach((folder) => rmSync(folder, { recursive: true })));

test("pages of the build are written once; one that is too large is reported, and the others are written", async () => {
  const distDir = build("one", { "/a": "a", "/large": "x".repeat(26 * 1024 * 1024), "/z": "z" });
  expect(await seed({ distDir })).toBe(2);
  const names = (await listAll(kv)).map(({ name }) => name);
  expect(names).toEqual(["next:page:one:/a", "next:page:one:/z", "next:seeded:one"]);
  expect(lines.mock.calls.flat()).toEqual([expect.stringContaining("/large")]);
  expect(await seed({ distDir })).toBe(0);
});

test("KV that is silent does not keep the server from starting", async () => {
  isSilent = true;
  expect(await seed({ distDir: build("two", { "/a": "a" }) })).toBe(0);
  isSilent = false;
  expect(lines.mock.calls.flat()).toEqual([expect.stringContaining("pages of the build are not in KV")]);
});
