import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isFull } from "../support/full.ts";
import { launchChromium } from "./chromium.ts";
import { Explored, Visit } from "./explorer.ts";
import { heapOf } from "./heap.ts";

const BUILT = join(import.meta.dirname, "../../packages/explorer/dist/page");
const MOST_FIRST_BYTES = 200 * 1024;
const MOST_HEAP_BYTES = 300_000_000;

/** A million with `KVPLUG_TEST=full`: to write them takes a minute. */
const COUNT = isFull ? 1_000_000 : 100_000;
const COUNT_TEXT = COUNT.toLocaleString("en");

let chromium: Browser;

beforeAll(async () => {
  chromium = await launchChromium();
});
afterAll(() => chromium?.close());

interface Chunk {
  readonly file: string;
  readonly css?: readonly string[];
  readonly imports?: readonly string[];
}

test("the first load is at most 200 KiB, compressed", () => {
  const manifest = JSON.parse(readFileSync(join(BUILT, "manifest.json"), "utf8")) as Record<string, Chunk>;
  const files = new Set(["index.html"]);
  const add = (name: string): void => {
    const { file, css = [], imports = [] } = manifest[name]!;
    for (const one of [file, ...css]) files.add(one);
    for (const other of imports) add(other);
  };
  add("index.html");
  let bytes = 0;
  for (const file of files) bytes += gzipSync(readFileSync(join(BUILT, file))).length;
  // The page, a script and a style sheet, and not the editor.
  expect(files.size).toBeGreaterThanOrEqual(3);
  expect(bytes).toBeGreaterThan(10_000);
  expect(bytes).toBeLessThan(MOST_FIRST_BYTES);
});

test("many names: the first rows take one request, all are searched, and the heap stays small", async () => {
  await using explored = await Explored.serve();
  const name = (i: number): string => `user:${String(i).padStart(7, "0")}:profile`;
  function* pairs(): Generator<{ key: string; value: string }> {
    for (let i = 0; i < COUNT; i++) yield { key: name(i), value: "" };
  }
  await explored.kv.putMany(pairs());
  await using visit = await Visit.to(chromium, explored.link);
  const { page } = visit;
  // The first page of names is drawn, while the second one is held back.
  const held = Promise.withResolvers<void>();
  let lists = 0;
  await page.route("**/keys?*", async (route) => {
    if (++lists === 2) await held.promise;
    await route.continue();
  });
  await visit.open("main");
  await page.getByText(name(0)).waitFor();
  expect(lists).toBeLessThanOrEqual(2);
  held.resolve();
  await page.getByText(`${COUNT_TEXT} keys`, { exact: true }).waitFor({ timeout: 120_000 });
  expect(await heapOf(page)).toBeLessThan(MOST_HEAP_BYTES);

  const list = page.getByRole("listbox", { name: "Keys" });
  await list.focus();
  await page.keyboard.press("End");
  await page.getByText(name(COUNT - 1)).waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: name(COUNT - 1) }).waitFor();
  await page.getByLabel("Search in the names that are loaded").fill("9999:");
  await page.getByText(`${(COUNT / 10_000).toLocaleString("en")} of ${COUNT_TEXT} keys`).waitFor();
  await page.locator(".toolbar").getByRole("button", { name: "Tree" }).click();
  await page.getByLabel("Search in the names that are loaded").fill("");
  await page.getByText(`${COUNT_TEXT} keys`, { exact: true }).first().waitFor();
  expect(await heapOf(page)).toBeLessThan(MOST_HEAP_BYTES);
});
