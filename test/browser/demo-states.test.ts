import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServer, type RunningServer } from "@kvplug/server";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { DEMO_NAMESPACE, serveDemo, type ServedDemo } from "../../examples/demo/serve-demo.ts";
import { App } from "./app.ts";
import { overflow, show, VIEWS, violations } from "./axe.ts";
import { launchChromium } from "./chromium.ts";

const LONGEST_NAME = "W".repeat(40);

let chromium: Browser;
let folder: string;
let server: RunningServer;
let demo: ServedDemo;
let page: Page;

beforeAll(async () => {
  chromium = await launchChromium();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "kvplug-demo-states-"));
  const data = join(folder, "kv.sqlite");
  server = await startServer({ data, namespaces: [DEMO_NAMESPACE] });
  demo = await serveDemo(server, data, 0);
  const context = await chromium.newContext();
  context.setDefaultTimeout(60_000);
  page = await context.newPage();
  await page.goto(demo.url);
});
afterEach(async () => {
  await page.context().close();
  await demo[Symbol.asyncDispose]();
  await server.close();
  await rm(folder, { recursive: true });
});
afterAll(() => chromium?.close());

const text = (selector: string): Promise<string> => page.locator(selector).innerText();
/** The page's script moves the focus, a moment after the page can be seen. */
const waitForFocus = (id: string): Promise<void> => page.locator(`#${id}:focus`).waitFor();

async function logIn(name = "Ada"): Promise<void> {
  await page.getByLabel("Name").fill(name);
  await page.keyboard.press("Enter");
  await page.locator("#name").waitFor();
  // By then the page's script has run.
  await page.waitForLoadState();
}

test("each action leaves the focus where it was", async () => {
  await waitForFocus("name-field");
  await logIn();
  await page.locator("#count-button").focus();
  await page.keyboard.press("Enter");
  await page.getByText("1", { exact: true }).waitFor();
  await waitForFocus("count-button");
  await page.getByLabel("Note").fill("first");
  await page.keyboard.press("Enter");
  await page.locator("#notes li").waitFor();
  await waitForFocus("note-field");
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByRole("heading", { name: "Who are you?" }).waitFor();
  await waitForFocus("name-field");
});

test("a form that is under way says so, and is sent once", async () => {
  await logIn();
  const clickTwice = `(() => {
    const button = document.querySelector("#count-button");
    button.click();
    const isBusy = button.disabled && button.form.getAttribute("aria-busy") === "true";
    button.click();
    return isBusy;
  })()`;
  expect(await page.evaluate(clickTwice)).toBe(true);
  await page.locator("#count", { hasText: "1" }).waitFor();
  await page.reload();
  expect(await text("#count")).toBe("1");
  expect(await page.locator("#count-button").isEnabled()).toBe(true);
});

test("a list without lines says so, a time has its zone, the figures say what was asked and what it took", async () => {
  await logIn();
  expect(await text("#no-notes")).toContain("Yours is the first");
  expect(await text("figcaption time")).toMatch(/^\d\d:\d\d:\d\d \S+/);
  const [asked, hits, requests] = await Promise.all(
    ["#asked", "#hits", "#requests"].map(async (id) => Number(await text(id))),
  );
  expect(asked).toBeGreaterThan(0);
  expect(hits).toBeLessThanOrEqual(asked!);
  expect(requests).toBeGreaterThan(0);
});

test("it says what it is, and which lines each part takes", async () => {
  await logIn();
  expect(await text(".about")).toContain("Workers KV on this machine");
  await page.getByText("The code").first().click();
  expect(await text("details[open] pre")).toContain("new KVStore()");
  expect(await page.locator("details").count()).toBe(3);
  expect(await text(".next")).toContain("npx kvplug serve");
});

test("what does not exist is a card, and no stack", async () => {
  expect((await page.goto(`${demo.url}/nowhere`))?.status()).toBe(404);
  expect(await text("#code")).toBe("404");
  expect(await text("main")).toContain("There is no page /nowhere");
  await page.getByRole("link", { name: "Back to the page" }).click();
  await page.getByRole("heading", { name: "Who are you?" }).waitFor();
});

test("a KV that is gone is a card with its code and what to do, and no stack", async () => {
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  await server.close();
  await page.getByLabel("Name").fill("Ada");
  // The session is written behind; the list is not there to be read.
  const [answer] = await Promise.all([page.waitForResponse(`${demo.url}/`), page.keyboard.press("Enter")]);
  expect(answer.status()).toBe(503);
  expect(await text("#code")).toBe("KV_NETWORK");
  expect(await text("main")).toContain("Start the app again");
  expect(await page.content()).not.toMatch(/node_modules|\.ts:/);
  expect(log).toHaveBeenCalled();
  log.mockRestore();
});

test("a page whose app is gone says so", async () => {
  await page.locator("#offline").waitFor({ state: "hidden" });
  await page.route("**/figures", (route) => route.abort());
  await page.reload();
  await page.locator("#offline").waitFor({ state: "visible" });
});

describe.each(VIEWS)("$colorScheme, $width pixels wide", (view) => {
  test("axe has nothing against it, and the longest name does not widen it", async () => {
    await show(page, view);
    expect(await violations(page)).toEqual([]);
    await logIn(LONGEST_NAME);
    await page.getByText("The code").first().click();
    expect(await violations(page)).toEqual([]);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    const button = page.getByRole("button", { name: "Log out" });
    const { height } = (await button.boundingBox())!;
    expect(height).toBeLessThan(48);
    await page.goto(`${demo.url}/nowhere`);
    expect(await violations(page)).toEqual([]);
  });
});

test("in a shell that leads to the local server, the page is shown all the same", async () => {
  const app = await App.start({
    CLOUDFLARE_API_BASE_URL: server.url,
    CLOUDFLARE_ACCOUNT_ID: server.account,
    CLOUDFLARE_API_TOKEN: "any",
    CLOUDFLARE_KV_NAMESPACE_ID: DEMO_NAMESPACE.id,
  });
  try {
    await page.goto(app.url);
    expect(await text("h1")).toBe("kvplug");
  } finally {
    await app.remove();
  }
});
