import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { overflow, show, VIEWS, violations } from "./axe.ts";
import { launchChromium } from "./chromium.ts";
import { serveSite, type Site } from "./site.ts";

const PATIENCE = { timeout: 60_000 };

let chromium: Browser;
let site: Site;
let page: Page;

beforeAll(async () => {
  [chromium, site] = await Promise.all([launchChromium(), serveSite()]);
}, 600_000);
beforeEach(async () => {
  const context = await chromium.newContext();
  context.setDefaultTimeout(60_000);
  page = await context.newPage();
});
afterEach(() => page.context().close());
afterAll(() => Promise.all([chromium?.close(), site?.close()]));

describe.each(VIEWS)("$colorScheme, $width pixels wide", (view) => {
  test.each(["/", "/get-started", "/sessions", "/packages/keyv", "/reference/"])(
    "axe has nothing against %s, and it is as wide as its window",
    async (path) => {
      await show(page, view);
      await page.goto(`${site.url}${path}`);
      expect(await violations(page)).toEqual([]);
      expect(await overflow(page)).toBeLessThanOrEqual(0);
    },
  );
});

/** What is looked for, and the guide that has it. */
const ASKED: [words: string, guide: RegExp][] = [
  ["logout", /^\/sessions\b/],
  ["session", /^\/sessions\b/],
  ["token", /^\/(go-live|gateway|proxy|security)\b/],
  ["429", /^\/(request-budget|errors|limits)\b/],
  ["rate limit", /^\/(request-budget|limits|errors|scale)\b/],
];

test.each(ASKED)("a search for %s finds the guide first", async (words, guide) => {
  await page.goto(site.url);
  const search = page.getByPlaceholder("Search");
  // The page may be shown before it listens.
  await expect
    .poll(async () => {
      if (!(await search.isVisible())) await page.keyboard.press("Control+k");
      return search.isVisible();
    }, PATIENCE)
    .toBe(true);
  await search.fill(words);
  const first = page.locator("#localsearch-list a").first();
  await first.waitFor();
  expect(new URL((await first.getAttribute("href"))!, site.url).pathname).toMatch(guide);
});

test("the home page leads to each job, and to the repository", async () => {
  await page.goto(site.url);
  for (const job of ["/sessions", "/replace-redis", "/nitro-and-nuxt", "/testing", "/scale"]) {
    expect(await page.locator(`.VPFeature[href="${job}.html"]`).count(), job).toBe(1);
  }
  expect(await page.locator('.VPButton[href="/go-live.html"]').count()).toBe(1);
  expect(await page.locator(".vp-code-group label").allInnerTexts()).toEqual(["npm", "pnpm", "yarn"]);
  expect(await page.locator('a[href="https://github.com/example/kvplug"]').count()).toBeGreaterThan(0);
  const icon = await page.locator("link[rel=icon]").getAttribute("href");
  expect((await page.request.get(`${site.url}${icon}`)).ok()).toBe(true);
});

test("the index of the API has a line for each module", async () => {
  await page.goto(`${site.url}/reference/`);
  const rows = await page.locator(".vp-doc tbody tr").all();
  expect(rows.length).toBeGreaterThan(12);
  for (const row of rows) expect(await row.locator("td").nth(1).innerText()).toMatch(/\w \w/);
});

test("on a phone, the rows of a table of options are below each other, each cell with its column", async () => {
  await show(page, { colorScheme: "light", width: 390 });
  await page.goto(`${site.url}/packages/keyv`);
  const row = page.locator("table", { hasText: "keyPrefixSeparator" }).locator("tr", { hasText: "clearBatchSize" });
  const [first, second] = await row.locator("td").all();
  expect((await second!.boundingBox())!.y).toBeGreaterThan((await first!.boundingBox())!.y);
  expect(await second!.getAttribute("data-label")).toBe("default");
  const shown = await page.evaluate(
    "getComputedStyle(document.querySelector('td[data-label=default]'), '::before').content",
  );
  expect(shown).toBe('"default"');
});
