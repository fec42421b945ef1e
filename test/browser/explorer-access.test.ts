import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { overflow, violations } from "./axe.ts";
import { launchChromium } from "./chromium.ts";
import { Explored, Visit } from "./explorer.ts";

let chromium: Browser;

beforeAll(async () => {
  chromium = await launchChromium();
});
afterAll(() => chromium?.close());

async function filled(): Promise<Explored> {
  const explored = await Explored.serve(["--namespace", "other=other"]);
  await explored.kv.putMany([
    {
      key: "user:1",
      value: '{"name":"Ada","tags":["a","b"],"age":36}',
      metadata: { plan: "free" },
      expirationTtl: 3600,
    },
    { key: "user:2", value: "text" },
    { key: "page/en", value: Uint8Array.from([0xff, 0xfe]) },
  ]);
  return explored;
}

describe.each(["light", "dark"] as const)("in %s colours, axe finds nothing wrong", (colorScheme) => {
  test("on each view, with what can be opened open", async () => {
    await using explored = await filled();
    await using visit = await Visit.to(chromium, explored.link, { colorScheme });
    const { page } = visit;
    const looked: string[] = [];
    const look = async (where: string): Promise<void> => {
      looked.push(where);
      expect([where, await violations(page)]).toEqual([where, []]);
    };
    await page.getByRole("link", { name: /^main/ }).waitFor();
    await look("namespaces");
    await visit.press("New namespace");
    await look("a dialog");
    await page.keyboard.press("Escape");
    await visit.open("main");
    await visit.expectRows(["page/en", "user:1", "user:2"]);
    await page.getByText("Filter and sort").click();
    await look("keys");
    await page.locator(".row .check").first().click();
    await look("a selection");
    await visit.openKey("user:1");
    await look("a value as a tree");
    await visit.press("Text");
    await look("a value as text");
    await visit.press("Edit");
    await page.locator(".cm-content").waitFor();
    await look("the editor");
    await page.locator(".cm-content").click();
    await page.keyboard.press("Control+End");
    await page.keyboard.type(" ");
    await visit.press("Review");
    await page.getByRole("dialog").locator(".came").first().waitFor();
    await look("the review");
    await page.getByRole("button", { name: "Go on editing" }).click();
    await visit.press("Cancel");
    await visit.press("Copy as…");
    await look("the snippets");
    await page.keyboard.press("Escape");
    await page.locator(".toolbar").getByRole("button", { name: "Tree" }).click();
    await look("the tree of names");
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Command" }).waitFor();
    await look("the palette");
    await page.keyboard.press("Escape");
    await page.getByRole("link", { name: "Live" }).click();
    await page.getByRole("button", { name: "Inject" }).waitFor();
    await look("live");
    await page.getByRole("link", { name: "Compare" }).click();
    await page.getByRole("main").getByRole("button", { name: "Compare" }).click();
    await page.getByText("3 keys differ.").waitFor();
    await page.locator(".diff-row").first().click();
    await page.locator(".both").waitFor();
    await look("compare");
    expect(looked).toHaveLength(13);
  });
});

test("without a mouse: a key is found by the palette's commands and the arrows, edited and written", async () => {
  await using explored = await filled();
  await using visit = await Visit.to(chromium, explored.link);
  const { page } = visit;
  await page.getByRole("link", { name: /^main/ }).waitFor();
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Command" }).waitFor();
  await page.keyboard.type("open main");
  await page.keyboard.press("Enter");
  await visit.expectRows(["page/en", "user:1", "user:2"]);
  await page.keyboard.press("/");
  await page.keyboard.type("user:2");
  await visit.expectRows(["user:2"]);
  await page.getByRole("listbox", { name: "Keys" }).focus();
  await page.keyboard.press("Enter");
  await page.locator(".block", { hasText: "text" }).waitFor();
  await page.keyboard.press("e");
  await page.locator(".cm-focused").waitFor();
  await page.keyboard.press("Control+End");
  await page.keyboard.type(" more");
  await page.keyboard.press("Control+s");
  await page.getByRole("dialog").locator(".came").waitFor();
  // It can be pressed once the page has looked whether somebody has changed the value meanwhile.
  const write = page.getByRole("button", { name: "Write", disabled: false });
  await write.waitFor();
  await write.focus();
  await page.keyboard.press("Enter");
  await page.locator(".block", { hasText: "text more" }).waitFor();
  expect(await explored.kv.get("user:2")).toBe("text more");
  await page.keyboard.press("?");
  await page.getByRole("heading", { name: "Keys of the keyboard" }).waitFor();
});

test("on a phone one sees the list or the value, and nothing is wider than the screen", async () => {
  await using explored = await filled();
  await using visit = await Visit.to(chromium, explored.link, {
    viewport: { width: 360, height: 720 },
    hasTouch: true,
  });
  const { page } = visit;
  await page.getByRole("link", { name: /^main/ }).waitFor();
  expect(await overflow(page)).toBe(0);
  await visit.open("main");
  await visit.expectRows(["page/en", "user:1", "user:2"]);
  expect(await overflow(page)).toBe(0);
  await visit.openKey("user:1");
  expect(await page.getByRole("listbox", { name: "Keys" }).isVisible()).toBe(false);
  expect(await overflow(page)).toBe(0);
  expect(await violations(page)).toEqual([]);
  await visit.press("Back to the list");
  await page.getByRole("listbox", { name: "Keys" }).waitFor();
  await page.getByRole("link", { name: "Live" }).click();
  await page.getByRole("button", { name: "Inject" }).waitFor();
  expect(await overflow(page)).toBe(0);
});
