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

const numbered = (count: number, prefix = "key:"): { key: string; value: string }[] =>
  Array.from({ length: count }, (_, i) => ({ key: `${prefix}${String(i).padStart(6, "0")}`, value: `v${i}` }));

test("namespaces are created, renamed, and deleted by who types the title", async () => {
  await using explored = await Explored.serve();
  await using visit = await Visit.to(chromium, explored.link);
  const { page } = visit;
  await visit.press("New namespace");
  await page.getByLabel("Title").fill("<i>drafts");
  await visit.press("Create");
  await page.getByRole("link", { name: "<i>drafts" }).waitFor();

  await visit.press("Rename <i>drafts");
  await page.getByLabel("Title").fill("main");
  await page.getByRole("dialog").getByRole("button", { name: "Rename" }).click();
  await page.getByRole("alert").getByText("already exists").waitFor();
  await page.getByLabel("Title").fill("drafts");
  await page.getByRole("dialog").getByRole("button", { name: "Rename" }).click();
  await page.getByRole("link", { name: /^drafts/ }).waitFor();

  await visit.press("Delete drafts");
  const dialog = page.getByRole("dialog");
  const go = dialog.getByRole("button", { name: "Delete the namespace" });
  expect(await go.isDisabled()).toBe(true);
  await dialog.getByRole("textbox").fill("draft");
  expect(await go.isDisabled()).toBe(true);
  await dialog.getByRole("textbox").fill("drafts");
  await go.click();
  await page.getByText("1 namespace of").waitFor();
  expect((await explored.client.namespaces.page(1)).namespaces.map(({ title }) => title)).toEqual(["main"]);
});

test("names stream, are searched by text and pattern, and by prefix at the API", async () => {
  await using explored = await Explored.serve();
  await explored.kv.putMany([...numbered(2500), ...numbered(3, "other:")]);
  await using visit = await Visit.to(chromium, explored.link);
  await visit.open("main");
  const { page } = visit;
  await page.getByText("2,503 keys", { exact: true }).waitFor();
  expect((await visit.rows()).slice(0, 2)).toEqual(["key:000000", "key:000001"]);
  // Only what is seen is drawn.
  expect((await visit.rows()).length).toBeLessThan(100);

  const search = page.getByLabel("Search in the names that are loaded");
  await search.fill("00249");
  await page.getByText("11 of 2,503 keys").waitFor();
  await search.fill("*:00000?");
  await page.getByText("13 of 2,503 keys").waitFor();
  await search.fill("nothing");
  await page.getByText("No key of those that are loaded fits.").waitFor();
  await search.fill("");

  await page.getByLabel("List the names that begin with this prefix").fill("other:");
  await visit.press("List");
  await visit.expectRows(["other:000000", "other:000001", "other:000002"]);
});

test("the arrows move through all keys, and Enter opens one", async () => {
  await using explored = await Explored.serve();
  await explored.kv.putMany(numbered(3000));
  await using visit = await Visit.to(chromium, explored.link);
  await visit.open("main");
  const { page } = visit;
  await page.getByText("3,000 keys", { exact: true }).waitFor();
  const list = page.getByRole("listbox", { name: "Keys" });
  await list.focus();
  await page.keyboard.press("End");
  await page.getByText("key:002999").waitFor();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "key:002998" }).waitFor();
  await page.locator(".block", { hasText: "v2998" }).waitFor();
  await page.keyboard.press("/");
  await page.locator("#search:focus").waitFor();
});

test("names show what is in them, and never as markup", async () => {
  const names = [
    "<img src=x onerror=alert(1)>",
    "\u202egnp.exe",
    "nul\0 and\nline",
    "😀 אבג",
    "x".repeat(512),
    "a/b?c#d%2F",
    "__proto__",
  ];
  await using explored = await Explored.serve();
  await explored.kv.putMany(names.map((key) => ({ key, value: `value of ${key}` })));
  await using visit = await Visit.to(chromium, explored.link);
  await visit.open("main");
  await eventually(async () => expect(await visit.rows()).toHaveLength(names.length));
  const rows = await visit.rows();
  expect(rows).toContain("<img src=x onerror=alert(1)>");
  expect(rows).toContain("202Egnp.exe");
  expect(rows).toContain("nul␀ and␊line");
  expect(await visit.page.locator("img").count()).toBe(0);
  for (const name of names) {
    await visit.page.goto(`${explored.link}#/ns/main/key/${encodeURIComponent(name)}`);
    const text = visit.page.locator(".block");
    await text.waitFor();
    expect((await text.innerText()).replaceAll(/[\u2400-\u2424]|202E/gu, "?")).toBe(
      `value of ${name.replaceAll(/[\0\u202e]/g, "?")}`,
    );
  }
});

test("the tree counts what is in folders, at any separator", async () => {
  await using explored = await Explored.serve();
  const keys = ["a", "user:1:cart", "user:1:name", "user:2:name", "page/en/a", "page/en/b"];
  await explored.kv.putMany(keys.map((key) => ({ key, value: "" })));
  await using visit = await Visit.to(chromium, explored.link);
  await visit.open("main");
  const { page } = visit;
  await visit.press("Tree");
  await visit.expectRows(["a", "page/en/a", "page/en/b", "user:"]);
  const list = page.getByRole("tree", { name: "Keys" });
  expect(await list.getByRole("treeitem", { name: "user:" }).innerText()).toContain("3 keys");
  await list.getByRole("treeitem", { name: "user:" }).click();
  await visit.expectRows(["a", "page/en/a", "page/en/b", "user:", "1:", "2:"]);
  await page.getByText("Filter and sort").click();
  await page.getByLabel("Folders end with").fill("/");
  await visit.expectRows(["a", "page/", "user:1:cart", "user:1:name", "user:2:name"]);
});

test("filters by metadata and by expiry, and what expires first is first", async () => {
  await using explored = await Explored.serve();
  await explored.kv.put("day", "", { expirationTtl: 80_000, metadata: { pr: 1 } });
  await explored.kv.put("hour", "", { expirationTtl: 3000, metadata: { pr: 2 } });
  await explored.kv.put("never", "", { metadata: { pr: 2 } });
  await using visit = await Visit.to(chromium, explored.link);
  await visit.open("main");
  const { page } = visit;
  await visit.expectRows(["day", "hour", "never"]);
  await page.getByText("Filter and sort").click();
  await page.getByLabel(/^Order/).selectOption("what expires first");
  await visit.expectRows(["hour", "day", "never"]);
  await page.getByLabel(/^Expires/).selectOption("within an hour");
  await visit.expectRows(["hour"]);
  await page.getByLabel(/^Expires/).selectOption("whenever");
  await page.getByLabel("Metadata").fill("pr=2");
  await visit.expectRows(["hour", "never"]);
});

test("of a budget, more is listed only when one says so, and what was listed costs nothing again", async () => {
  await using explored = await Explored.serve(["--host", "0.0.0.0", "--token", "t"], "t");
  await explored.kv.putMany(numbered(13_000));
  // What is not loopback is taken for a real account, and this address is none by its name.
  await using ui = await startUi(["--api-url", explored.apiURL, "--account", "local", "--token", "t"]);
  await using visit = await Visit.to(chromium, ui.link);
  const { page } = visit;
  await page.getByText("A real account").waitFor();
  await visit.open("main");
  await page.getByText("1,000 keys, and there are more").waitFor();
  await page.getByText("Each 1,000 more cost one request").waitFor();
  await visit.press("10,000 more (10 requests)");
  await page.getByText("11,000 keys, and there are more").waitFor();
  await visit.press("All the others");
  await page.getByText("13,000 keys", { exact: true }).waitFor();

  const lists = async (): Promise<number> => {
    const headers = { authorization: "Bearer t" };
    const stats = await (await fetch(new URL("/stats", explored.apiURL), { headers })).json();
    return (stats as { requests: Record<string, number> }).requests["GET /:namespace/keys"] ?? 0;
  };
  const asked = await lists();
  expect(asked).toBe(13);
  await page.reload();
  await page.getByText("13,000 keys", { exact: true }).waitFor();
  await page.getByText("kept in this browser").waitFor();
  expect(await lists()).toBe(asked);
  await visit.press("List anew");
  await page.getByText("1,000 keys, and there are more").waitFor();
});

test("a long listing is stopped, and goes on where it stopped", async () => {
  await using explored = await Explored.serve(["--latency", "150"]);
  await explored.kv.putMany(numbered(6000));
  await using visit = await Visit.to(chromium, explored.link);
  await visit.open("main");
  const { page } = visit;
  await page.getByText("so far").waitFor();
  await visit.press("Stop");
  await page.getByText("and there are more").waitFor();
  await visit.press("All the others");
  await page.getByText("6,000 keys", { exact: true }).waitFor();
  const list = page.getByRole("listbox", { name: "Keys" });
  await list.focus();
  await page.keyboard.press("End");
  await page.getByText("key:005999").waitFor();
});

test("the server goes away in the midst, and the page goes on when it is back", async () => {
  await using explored = await Explored.serve(["--latency", "200"]);
  await explored.kv.putMany(numbered(5000));
  await using visit = await Visit.to(chromium, explored.link);
  const { port } = new URL(explored.link);
  await visit.open("main");
  const { page } = visit;
  await page.getByText("so far").waitFor();
  await explored.command[Symbol.asyncDispose]();
  await page.getByText("kvplug does not answer").waitFor();
  // Another one, which has other data.
  await using again = await Explored.serve(["--port", port]);
  await again.kv.put("back", "1");
  await page.getByText("kvplug does not answer").waitFor({ state: "detached" });
  await visit.press("List anew");
  await visit.expectRows(["back"]);
});
