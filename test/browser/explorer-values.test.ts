import { readFile } from "node:fs/promises";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { ACCOUNT, startGateway } from "../support/gateway.ts";
import { launchChromium } from "./chromium.ts";
import { Explored, startUi, Visit } from "./explorer.ts";

let chromium: Browser;

beforeAll(async () => {
  chromium = await launchChromium();
});
afterAll(() => chromium?.close());

/** A PNG of one pixel. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

/** Puts the caret into the editor. */
async function edit({ page }: Visit): Promise<void> {
  await page.getByRole("button", { name: "Edit", exact: true }).click();
  await page.locator(".cm-content").click();
}

/** Names a new key, and puts the caret into its editor. */
async function beginKey(visit: Visit, name: string): Promise<void> {
  await visit.press("New key");
  await visit.page.getByRole("textbox", { name: "Name", exact: true }).fill(name);
  await visit.press("Next");
  await visit.page.locator(".cm-content").click();
}

test("an edit keeps metadata and expiration, and shows what changes before it is written", async () => {
  await using explored = await Explored.serve();
  const expiration = Math.floor(Date.now() / 1000) + 7200;
  await explored.kv.put("user:1", '{"name":"Ada"}', { metadata: { plan: "free" }, expiration });
  await using visit = await Visit.to(chromium, explored.link);
  await visit.open("main");
  await visit.openKey("user:1");
  const { page } = visit;
  await page.getByRole("region", { name: "Value as a tree" }).getByText("name").waitFor();
  await edit(visit);
  await page.keyboard.press("Control+a");
  await page.keyboard.type('{"name":"Eve"}');
  await visit.press("Review");
  const dialog = page.getByRole("dialog");
  await dialog.locator(".went", { hasText: "Ada" }).waitFor();
  await dialog.locator(".came", { hasText: "Eve" }).waitFor();
  expect(await dialog.getByRole("heading", { name: /Metadata|Expires/ }).count()).toBe(0);
  expect(await explored.kv.get("user:1")).toBe('{"name":"Ada"}');
  await dialog.getByRole("button", { name: "Write" }).click();
  await dialog.waitFor({ state: "detached" });
  expect(await explored.kv.getWithMetadata("user:1")).toMatchObject({
    value: '{"name":"Eve"}',
    metadata: { plan: "free" },
    expiration,
  });
});

test("through a gateway, whose values tell no expiration, an edit keeps it as well", async () => {
  const gateway = await startGateway();
  const kv = gateway.open();
  const expiration = Math.floor(Date.now() / 1000) + 7200;
  await kv.put("k", "old", { metadata: { a: 1 }, expiration });
  await kv.put("k2", "another");
  await using ui = await startUi(["--api-url", gateway.url, "--account", ACCOUNT, "--token", gateway.token]);
  await using visit = await Visit.to(chromium, ui.link);
  await visit.open("test");
  await visit.openKey("k");
  await edit(visit);
  await visit.page.keyboard.press("Control+a");
  await visit.page.keyboard.type("new");
  await visit.press("Review");
  const dialog = visit.page.getByRole("dialog");
  await dialog.locator(".came", { hasText: "new" }).waitFor();
  await dialog.getByRole("button", { name: "Write" }).click();
  await dialog.waitFor({ state: "detached" });
  expect((await kv.list()).keys).toContainEqual({ name: "k", metadata: { a: 1 }, expiration });
  expect(await kv.get("k")).toBe("new");
  await kv.close();
  await gateway.close();
});

test("metadata and expiration are changed, and refused where KV would refuse them", async () => {
  await using explored = await Explored.serve();
  await explored.kv.put("k", "text", { metadata: { a: 1 }, expirationTtl: 3600 });
  await using visit = await Visit.to(chromium, explored.link);
  await visit.open("main");
  await visit.openKey("k");
  const { page } = visit;
  await edit(visit);
  const metadata = page.getByLabel("Metadata, as JSON");
  await metadata.fill("{no");
  await visit.press("Review");
  await page.getByText("Metadata must be JSON").waitFor();
  await metadata.fill(JSON.stringify("x".repeat(1100)));
  await visit.press("Review");
  await page.getByText("Metadata may hold 1,024 bytes").waitFor();
  await metadata.fill('{"a":2}');
  await page
    .locator(".editor")
    .getByLabel(/^Expires/)
    .selectOption("never");
  await visit.press("Review");
  await page.getByRole("dialog").locator(".came", { hasText: "never" }).waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Write" }).click();
  await eventually(async () => {
    const { metadata: now, expiration } = await explored.kv.getWithMetadata("k");
    expect([now, expiration]).toEqual([{ a: 2 }, undefined]);
  });
});

test("two tabs write one key: the second one is shown what it would undo", async () => {
  await using explored = await Explored.serve();
  await explored.kv.put("shared", "one");
  await using first = await Visit.to(chromium, explored.link);
  await first.open("main");
  await first.openKey("shared");
  await using second = await Visit.to(chromium, explored.link);
  await second.open("main");
  await second.openKey("shared");
  for (const [visit, text] of [
    [first, "two"],
    [second, "three"],
  ] as const) {
    await edit(visit);
    await visit.page.keyboard.press("Control+a");
    await visit.page.keyboard.type(text);
  }
  await first.press("Review");
  await first.page.getByRole("dialog").getByRole("button", { name: "Write" }).click();
  await eventually(async () => expect(await explored.kv.get("shared")).toBe("two"));

  await second.press("Review");
  const dialog = second.page.getByRole("dialog");
  await dialog.getByText("Somebody has changed this key since you read it").waitFor();
  await dialog.locator(".went", { hasText: "two" }).waitFor();
  await dialog.getByRole("button", { name: "Go on editing" }).click();
  expect(await explored.kv.get("shared")).toBe("two");
  await second.press("Review");
  await dialog.getByRole("button", { name: "Write over it" }).click();
  await eventually(async () => expect(await explored.kv.get("shared")).toBe("three"));
});

test("what was changed and not written is not lost by a click beside it", async () => {
  await using explored = await Explored.serve();
  await explored.kv.put("a", "of a");
  await explored.kv.put("b", "of b");
  await using visit = await Visit.to(chromium, explored.link);
  await visit.open("main");
  await visit.openKey("a");
  const { page } = visit;
  await edit(visit);
  await page.keyboard.type("changed ");
  page.once("dialog", (dialog) => void dialog.dismiss());
  await page.locator(".row").nth(1).click();
  await page.locator(".cm-content", { hasText: "changed" }).waitFor();
  await page.getByRole("heading", { name: "a", exact: true }).waitFor();
  page.once("dialog", (dialog) => void dialog.accept());
  await page.locator(".row").nth(1).click();
  await page.locator(".block", { hasText: "of b" }).waitFor();
  expect(await explored.kv.get("a")).toBe("of a");
});

test("JSON that is wrong is marked where it is, and text that is none is not", async () => {
  await using explored = await Explored.serve();
  await using visit = await Visit.to(chromium, explored.link);
  await visit.open("main");
  const { page } = visit;
  await beginKey(visit, "new:1");
  const mark = page.locator(".cm-lint-marker-error");
  await page.keyboard.type('{"a": }');
  await mark.waitFor();
  // An image that its policy refuses, the page complains of.
  expect(visit.complaints).toEqual([]);
  await page.keyboard.press("Control+a");
  await page.keyboard.type("written here");
  await mark.waitFor({ state: "detached" });
});

test("a new key is written, and deleted", async () => {
  await using explored = await Explored.serve();
  await using visit = await Visit.to(chromium, explored.link);
  await visit.open("main");
  const { page } = visit;
  await beginKey(visit, "new:1");
  await page.keyboard.type("written here");
  await visit.press("Review");
  await page.getByRole("dialog").getByRole("button", { name: "Write" }).click();
  await visit.expectRows(["new:1"]);
  expect(await explored.kv.get("new:1")).toBe("written here");
  await page.locator(".value").getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await visit.expectRows([]);
  expect(await explored.kv.get("new:1")).toBeNull();
});

test("an image is drawn, bytes are shown as hex, markup as text, and all are downloaded as they are", async () => {
  const bytes = Buffer.from([0, 255, 254, 60, 98, 62]);
  const markup = "<script>document.title = 'run'</script><svg onload=alert(1)>\u202e";
  await using explored = await Explored.serve();
  await explored.kv.put("image", PNG);
  await explored.kv.put("bytes", bytes);
  await explored.kv.put("markup", markup);
  await using visit = await Visit.to(chromium, explored.link);
  await visit.open("main");
  const { page } = visit;
  await visit.openKey("image");
  await eventually(async () =>
    expect(await page.evaluate("document.querySelector('.picture img')?.naturalWidth")).toBe(1),
  );
  await visit.openKey("bytes");
  await page.locator(".block", { hasText: "00 ff fe 3c 62 3e" }).waitFor();
  const [download] = await Promise.all([page.waitForEvent("download"), visit.press("Download")]);
  expect(await readFile(await download.path())).toEqual(bytes);
  await visit.openKey("markup");
  await page.locator(".block", { hasText: "<svg onload=alert(1)>" }).waitFor();
  expect(await page.locator(".block .mark").innerText()).toBe("202E");
  expect(await page.title()).toBe("kvplug");
});

test("25 MiB and JSON of ten thousand fields do not freeze it", async () => {
  const large = Buffer.alloc(25 * 1024 * 1024, "0123456789abcde\n");
  const fields = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`field ${i}`, { value: i }]));
  await using explored = await Explored.serve();
  await explored.kv.put("large", large);
  await explored.kv.put("fields", JSON.stringify(fields));
  await using visit = await Visit.to(chromium, explored.link);
  await visit.open("main");
  const { page } = visit;
  await visit.openKey("large");
  await page.getByText("26.2 MB").first().waitFor();
  await page.getByText("The first 100,000 characters of 26,214,400 characters.").waitFor();
  await visit.openKey("fields");
  await page.getByText("9,900 more members").waitFor();
  await page.locator(".json .leaf", { hasText: /^7$/ }).waitFor();
});

test("a way to read it elsewhere is copied, and is that key", async () => {
  await using explored = await Explored.serve();
  await explored.kv.put("it's; a key", "1");
  await using visit = await Visit.to(chromium, explored.link);
  await visit.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await visit.open("main");
  await visit.openKey("it's; a key");
  await visit.press("Copy as…");
  await visit.press("Copy curl");
  await visit.page.getByRole("button", { name: "Copied" }).waitFor();
  const copied = await visit.page.evaluate<string>("navigator.clipboard.readText()");
  expect(copied).toBe(
    `curl -H "Authorization: Bearer $CLOUDFLARE_API_TOKEN" '${explored.apiURL}/accounts/local/storage/kv/namespaces/main/values/it'\\''s%3B%20a%20key'`,
  );
});
