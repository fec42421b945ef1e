import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { launchChromium } from "./chromium.ts";
import { Explored, startUi, Visit } from "./explorer.ts";

let chromium: Browser;

beforeAll(async () => {
  chromium = await launchChromium();
});
afterAll(() => chromium?.close());

const BYTES = Uint8Array.from([0xff, 0x00, 0x80]);

/** Selects everything that is shown. */
async function selectAll({ page }: Visit, count: number): Promise<void> {
  await page.getByRole("listbox", { name: "Keys" }).focus();
  await page.keyboard.press("Control+a");
  await page.getByText(new RegExp(`^${count} keys? selected`)).waitFor();
}

test("keys are selected one by one and as a range, and deleted", async () => {
  await using explored = await Explored.serve();
  await explored.kv.putMany(["a", "b", "c", "d", "e\nf"].map((key) => ({ key, value: key })));
  await using visit = await Visit.to(chromium, explored.link);
  await visit.open("main");
  const { page } = visit;
  await page.locator(".row .check").nth(1).click();
  await page
    .locator(".row .check")
    .nth(3)
    .click({ modifiers: ["Shift"] });
  await page.getByText("3 keys selected").waitFor();
  await page.locator(".row .check").nth(2).click();
  await page.locator(".row .check").nth(4).click();
  await page.getByText("3 keys selected").waitFor();
  await page.getByRole("region", { name: "Selection" }).getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await visit.expectRows(["a", "c"]);
  await eventually(async () => {
    expect((await explored.kv.list()).keys.map(({ name }) => name)).toEqual(["a", "c"]);
  });
});

test("another expiration keeps values, bytes and metadata", async () => {
  await using explored = await Explored.serve();
  await explored.kv.put("text", "a value", { metadata: { of: "text" } });
  await explored.kv.put("bytes", BYTES, { metadata: { of: "bytes" }, expirationTtl: 100 });
  await using visit = await Visit.to(chromium, explored.link);
  await visit.open("main");
  await visit.expectRows(["bytes", "text"]);
  await selectAll(visit, 2);
  await visit.press("Change expiration");
  const before = Math.floor(Date.now() / 1000);
  await visit.page.getByLabel("Hours from now").fill("2");
  await visit.press("Write 2 keys");
  await eventually(async () => {
    const { value, metadata, expiration = 0 } = await explored.kv.getWithMetadata("bytes", "arrayBuffer");
    expect([new Uint8Array(value!), metadata]).toEqual([BYTES, { of: "bytes" }]);
    expect(expiration).toBeGreaterThanOrEqual(before + 7200);
    const text = await explored.kv.getWithMetadata("text");
    expect(text).toMatchObject({ value: "a value", metadata: { of: "text" } });
    expect(text.expiration).toBe(expiration);
  });
});

test("an export is what an import reads: there and back, with bytes, metadata and expirations", async () => {
  await using explored = await Explored.serve(["--namespace", "other=other"]);
  const expiration = Math.floor(Date.now() / 1000) + 86_400;
  await explored.kv.put("a", "text", { metadata: { a: [1] }, expiration });
  await explored.kv.put("b", BYTES);
  await using visit = await Visit.to(chromium, explored.link);
  await visit.open("main");
  const { page } = visit;
  await visit.expectRows(["a", "b"]);
  await page.getByText("More", { exact: true }).click();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByText("Export all keys").click()]);
  expect(download.suggestedFilename()).toBe("main.ndjson");
  const lines = (await readFile(await download.path(), "utf8")).trim().split("\n");
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { key: "a", value: "text", metadata: { a: [1] }, expiration },
    { key: "b", value: "/wCA", base64: true },
  ]);

  await page.getByRole("link", { name: "Namespaces" }).click();
  await visit.open("other");
  await page.getByText("No keys.").waitFor();
  const file = join(tmpdir(), `kvplug-import-${process.pid}.ndjson`);
  await writeFile(file, `${lines.join("\n")}\n`);
  await page.getByLabel("File to import").setInputFiles(file);
  await page.getByRole("dialog").getByRole("button", { name: "Import" }).click();
  await visit.expectRows(["a", "b"]);
  const { value, metadata, expiration: kept } = await explored.client.kv("other").getWithMetadata("a");
  expect([value, metadata, kept]).toEqual(["text", { a: [1] }, expiration]);
  expect(new Uint8Array((await explored.client.kv("other").get("b", "arrayBuffer"))!)).toEqual(BYTES);
});

test("what is selected is exported", async () => {
  await using explored = await Explored.serve();
  await explored.kv.putMany(["a", "b", "c"].map((key) => ({ key, value: `of ${key}` })));
  await using visit = await Visit.to(chromium, explored.link);
  await visit.open("main");
  await visit.page.locator(".row .check").nth(1).click();
  const [download] = await Promise.all([
    visit.page.waitForEvent("download"),
    visit.page.getByRole("region", { name: "Selection" }).getByRole("button", { name: "Export" }).click(),
  ]);
  expect(await readFile(await download.path(), "utf8")).toBe('{"key":"b","value":"of b"}\n');
});

test("a file that is no export is refused, with the line, and nothing is shown as done", async () => {
  await using explored = await Explored.serve();
  await using visit = await Visit.to(chromium, explored.link);
  await visit.open("main");
  const file = join(tmpdir(), `kvplug-bad-${process.pid}.ndjson`);
  await writeFile(file, '{"key":"a","value":"1"}\n{"key":"b"}\n');
  await visit.page.getByLabel("File to import").setInputFiles(file);
  await visit.page.getByRole("dialog").getByRole("button", { name: "Import" }).click();
  await visit.page.getByText(`${basename(file)}, line 2: it has no value`).waitFor();
});

test("a copy is paused, resumed and seen, and two namespaces are compared", async () => {
  await using explored = await Explored.serve(["--namespace", "other=other"]);
  await explored.kv.putMany(
    Array.from({ length: 5000 }, (_, i) => ({ key: `k${String(i).padStart(5, "0")}`, value: "x".repeat(100) })),
  );
  await using visit = await Visit.to(chromium, explored.link);
  const { page } = visit;
  // So that there is time to pause.
  await page.getByRole("link", { name: "Live" }).click();
  await page.getByLabel("Latency, ms").fill("100");
  await visit.press("Inject");
  await page.getByRole("link", { name: "Namespaces" }).click();
  await visit.open("main");
  await page.getByText("More", { exact: true }).click();
  await page.getByRole("button", { name: /^Copy all keys to/ }).click();
  await page.getByRole("dialog").getByLabel(/^To/).selectOption("other");
  await page.getByRole("dialog").getByRole("button", { name: "Copy" }).click();
  await visit.press("Pause");
  await page.getByText(": paused").waitFor();
  const asked = async (): Promise<number> =>
    ((await (await fetch(new URL("/stats", explored.apiURL))).json()) as { requests: Record<string, number> }).requests[
      "POST /:namespace/bulk/get"
    ] ?? 0;
  // What had begun is over soon, and nothing begins: while ten other reads are answered, each as late as one of the copy.
  await eventually(async () => {
    const before = await asked();
    for (let i = 0; i < 10; i++) await explored.kv.get("no key");
    expect(await asked()).toBe(before);
  });
  await visit.press("Resume");
  await page.getByRole("region", { name: "Work on many keys" }).getByRole("button", { name: "Stop" }).click();
  await page.getByText(": stopped").waitFor();
  // It goes on where its checkpoint says.
  await visit.press("Continue");
  await page.getByText("5,000 keys, 500.0 kB: done").waitFor();

  const other = explored.client.kv("other");
  await other.put("k00002", "changed", { metadata: { by: "somebody" } });
  await other.delete("k00004");
  await other.put("z", "new");
  await page.getByRole("link", { name: "Compare" }).click();
  await page.getByLabel("First").selectOption("main");
  await page.getByLabel("Second").selectOption("other");
  await page.getByRole("main").getByRole("button", { name: "Compare" }).click();
  await page.getByText("3 keys differ.").waitFor();
  await visit.expectRows(["k00002", "k00004", "z"]);
  await page.locator(".diff-row").first().click();
  await page.locator(".both .came", { hasText: "changed" }).waitFor();
  await page.locator(".both .came", { hasText: "somebody" }).waitFor();
});

test("all keys of a prefix are deleted by who types the title", async () => {
  await using explored = await Explored.serve();
  await explored.kv.putMany(["tmp:1", "tmp:2", "kept"].map((key) => ({ key, value: "" })));
  await using visit = await Visit.to(chromium, explored.link);
  await visit.open("main");
  const { page } = visit;
  await page.getByLabel("List the names that begin with this prefix").fill("tmp:");
  await visit.press("List");
  await visit.expectRows(["tmp:1", "tmp:2"]);
  await page.getByText("More", { exact: true }).click();
  await page.getByText("Delete all keys of the prefix").click();
  await page.getByRole("dialog").getByRole("textbox").fill("main");
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await visit.expectRows([]);
  expect((await explored.kv.list()).keys.map(({ name }) => name)).toEqual(["kept"]);
});

test("the size of a namespace is estimated by a sample", async () => {
  await using explored = await Explored.serve();
  await explored.kv.putMany(Array.from({ length: 300 }, (_, i) => ({ key: `k${i}`, value: "x".repeat(1000) })));
  await using visit = await Visit.to(chromium, explored.link);
  await visit.open("main");
  await visit.page.getByText("300 keys", { exact: true }).waitFor();
  await visit.page.getByText("More", { exact: true }).click();
  await visit.page.getByText("Estimate the size").click();
  await visit.page.getByText("300.0 kB").waitFor();
});

test("at a real account, to delete is asked twice", async () => {
  await using explored = await Explored.serve(["--host", "0.0.0.0", "--token", "t"], "t");
  await explored.kv.putMany(["a", "b"].map((key) => ({ key, value: key })));
  await using ui = await startUi(["--api-url", explored.apiURL, "--account", "local", "--token", "t"]);
  await using visit = await Visit.to(chromium, ui.link);
  await visit.open("main");
  await visit.expectRows(["a", "b"]);
  await selectAll(visit, 2);
  const dialog = visit.page.getByRole("dialog");
  await visit.page.getByRole("region", { name: "Selection" }).getByRole("button", { name: "Delete" }).click();
  await dialog.getByRole("button", { name: "Delete", exact: true }).click();
  await dialog.getByText("Really, at the real account?").waitFor();
  expect(await dialog.getByRole("button", { name: "Delete for good" }).isDisabled()).toBe(true);
  expect((await explored.kv.list()).keys).toHaveLength(2);
  await dialog.getByRole("textbox").fill("2");
  await dialog.getByRole("button", { name: "Delete for good" }).click();
  await visit.expectRows([]);
  expect((await explored.kv.list()).keys).toEqual([]);
});
