import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { App } from "./app.ts";
import { FOREIGN_HOST, launchChromium } from "./chromium.ts";
import { servePage } from "./page.ts";

const PATIENCE = { timeout: 60_000 };

let chromium: Browser;
let app: App;
let page: Page;
/** What went wrong in a script, or against the page's content security policy. */
let complaints: string[];

beforeAll(async () => {
  chromium = await launchChromium();
  app = await App.start();
});

beforeEach(async () => {
  page = await visitor();
  await page.goto(app.url);
});

afterEach(async () => {
  await page.context().close();
  expect(complaints).toEqual([]);
});

afterAll(() => Promise.all([chromium?.close(), app?.remove()]));

/** A page in a browser of its own. */
async function visitor(): Promise<Page> {
  const context = await chromium.newContext();
  context.setDefaultTimeout(60_000);
  complaints = [];
  context.on("weberror", (error) => complaints.push(String(error.error())));
  context.on("console", (message) => {
    // An app that is being restarted is not there for a moment, and what is refused is told so.
    if (message.type() === "error" && !message.text().startsWith("Failed to load")) complaints.push(message.text());
  });
  return context.newPage();
}

const press = (name: string): Promise<void> => page.getByRole("button", { name }).click();
const text = (selector: string): Promise<string> => page.locator(selector).innerText();
const figure = async (id: string): Promise<number> => Number((await text(`#${id}`)).replaceAll(",", ""));
const isLoginPage = (on = page): Promise<boolean> => on.getByRole("heading", { name: "Who are you?" }).isVisible();

async function logIn(name: string): Promise<void> {
  await page.getByLabel("Name").fill(name);
  await press("Log in");
  expect(await text("#name")).toBe(name);
}

async function addNote(note: string): Promise<void> {
  await page.getByLabel("Note").fill(note);
  await press("Add");
}

test("the fragment is made once", async () => {
  await logIn("Ada");
  const drawing = await page.locator("svg").innerHTML();
  const made = await text("figcaption");
  await page.reload();
  expect(await page.locator("svg").innerHTML()).toBe(drawing);
  expect(await text("figcaption")).toBe(made);
});

test("the counter counts, faster than KV takes writes", async () => {
  await logIn("Ada");
  for (let i = 1; i <= 5; i++) {
    await press("Count");
    expect(await text("#count")).toBe(String(i));
  }
});

test("the list adds, the newest first, and shows markup as what was typed", async () => {
  await logIn("<b>Ada");
  await addNote("first");
  await addNote("<script>alert(1)</script>&amp;");
  expect((await page.locator("#notes li").allInnerTexts()).slice(0, 2)).toEqual([
    expect.stringMatching(/^<script>alert\(1\)<\/script>&amp;\s+<b>Ada$/),
    expect.stringMatching(/^first\s+<b>Ada$/),
  ]);
});

test("the figures move while the page stands still", async () => {
  await logIn("Ada");
  const [asked, hits, requests] = await Promise.all(["asked", "hits", "requests"].map(figure));
  const other = await page.context().newPage();
  await other.goto(app.url);
  await expect.poll(() => figure("hits"), PATIENCE).toBeGreaterThan(hits!);
  await expect.poll(() => figure("requests"), PATIENCE).toBeGreaterThan(requests!);
  await expect.poll(() => figure("asked"), PATIENCE).toBeGreaterThan(asked!);
});

test("after a restart of the app one is still logged in, the counter goes on, the list is there", async () => {
  await logIn("Ada");
  await press("Count");
  await press("Count");
  await addNote("before");
  const made = await text("figcaption");
  expect(await app.restart()).toBe(0);
  await page.reload();
  expect([await text("#name"), await text("#count"), await text("figcaption")]).toEqual(["Ada", "2", made]);
  expect(await text("#notes li:first-child span")).toBe("before");
  await press("Count");
  expect(await text("#count")).toBe("3");
});

test("who logged out is a stranger, with the old cookie as well, and after a restart", async () => {
  await logIn("Ada");
  const cookies = await page.context().cookies();
  expect(cookies).toMatchObject([{ httpOnly: true, sameSite: "Lax" }]);
  await press("Log out");
  expect(await isLoginPage()).toBe(true);
  expect(await page.context().cookies()).toEqual([]);

  await page.context().addCookies(cookies);
  await page.reload();
  expect(await isLoginPage()).toBe(true);
  await app.restart();
  await page.reload();
  expect(await isLoginPage()).toBe(true);
});

describe.each(["127.0.0.1", FOREIGN_HOST])("a page on another port of %s", (host) => {
  async function visit(markup: string): Promise<void> {
    await logIn("Ada");
    await page.goto(`http://${host}:${await servePage(markup)}`);
  }

  test("sends no form", async () => {
    // To a browser another port is another origin of the same site, to which it sends the cookie.
    await visit(`<form method="post" action="${app.url}/count"><button>Win</button></form>`);
    const [answer] = await Promise.all([page.waitForEvent("response"), press("Win")]);
    expect(answer.status()).toBe(403);
    await page.goto(app.url);
    expect(await text("#count")).toBe("0");
  });

  test("shows it in no frame, and loads no script of it", async () => {
    const script = `src="${app.url}/page.js" onload="document.title = 'loaded'" onerror="document.title = 'refused'"`;
    await visit(`<iframe src="${app.url}"></iframe><script ${script}></script>`);
    await expect.poll(() => page.title(), PATIENCE).toBe("refused");
    await expect.poll(() => complaints, PATIENCE).toEqual([expect.stringContaining("frame-ancestors 'none'")]);
    complaints = [];
  });

  test("may lead to it", async () => {
    await visit(`<a href="${app.url}">There</a>`);
    await page.getByRole("link", { name: "There" }).click();
    await page.getByRole("heading", { name: "kvplug", exact: true }).waitFor();
    expect(await text("#name")).toBe("Ada");
  });
});

test("the page is served under no other name", async () => {
  const { port } = new URL(app.url);
  expect((await page.goto(`http://${FOREIGN_HOST}:${port}`))?.status()).toBe(403);
});
