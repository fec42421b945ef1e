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

test("the requests of an app appear as they come, and those of the page when one wants them", async () => {
  await using explored = await Explored.serve();
  await using visit = await Visit.to(chromium, explored.link);
  const { page } = visit;
  await page.getByRole("link", { name: "Live" }).click();
  await page.getByText("None yet.").waitFor();
  await explored.kv.put("user:<b>1", "x");
  await explored.kv.get("missing");
  const log = page.getByRole("log");
  await log.getByText("GET").waitFor();
  const lines = (await log.locator(".row").allInnerTexts()).map((line) => line.split("\n").slice(1, -1).join(" "));
  expect(lines).toEqual(["GET /main/values/missing 404", "PUT /main/values/user:<b>1 200"]);
  await page.getByText("PUT /:namespace/values/:key").waitFor();
  await page.getByLabel("those of this page as well").check();
  await eventually(async () => expect(await log.locator(".row").count()).toBeGreaterThan(2));
});

test("faults are switched on and off for every program", async () => {
  await using explored = await Explored.serve();
  await explored.kv.put("k", "1");
  await using visit = await Visit.to(chromium, explored.link);
  const { page } = visit;
  const url = `${explored.apiURL}/accounts/local/storage/kv/namespaces/main/values/k`;
  await page.getByRole("link", { name: "Live" }).click();
  await page.getByLabel("Errors 5xx, %").fill("100");
  await visit.press("Inject");
  await eventually(async () => expect((await fetch(url)).status).toBeGreaterThanOrEqual(500));
  await page.getByLabel("Errors 5xx, %").fill("150");
  await visit.press("Inject");
  await page.getByRole("alert").getByText("faults.errors must be").waitFor();
  expect((await fetch(url)).status).toBeGreaterThanOrEqual(500);
  await visit.press("None");
  await eventually(async () => expect((await fetch(url)).status).toBe(200));
});

test("the budget is in view, and spent, the page says when it goes on", async () => {
  await using explored = await Explored.serve();
  await using visit = await Visit.to(chromium, explored.link);
  const { page } = visit;
  await page.getByRole("link", { name: "Live" }).click();
  await page.getByLabel("Budget, requests").fill("3");
  await page.getByLabel("Budget, in seconds").fill("200");
  await visit.press("Inject");
  await page.getByRole("link", { name: "Namespaces" }).click();
  await visit.open("main");
  await page.getByText("2 of 3 requests left").waitFor();
  for (let i = 0; i < 3; i++) await fetch(`${explored.apiURL}/accounts/local/storage/kv/namespaces`);
  await visit.press("List anew");
  await page.getByText(/Budget spent: goes on in \d+ (s|min)/).waitFor();
});

test("kvplug ui shows what goes to the account, and what is left of its budget", async () => {
  await using explored = await Explored.serve(["--rate-limit", "500/300"]);
  await explored.kv.put("k", "1");
  await using ui = await startUi(["--api-url", explored.apiURL, "--account", "local", "--token", "any"]);
  await using visit = await Visit.to(chromium, ui.link);
  const { page } = visit;
  await page.getByText(/4\d\d of 500 requests left/).waitFor();
  await visit.open("main");
  await visit.openKey("k");
  await page.getByRole("link", { name: "Live" }).click();
  await page.getByRole("log").getByText("/main/keys").first().waitFor();
});
