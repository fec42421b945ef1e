import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { KVNamespace } from "@kvplug/core/seam";
import { createProxy } from "@kvplug/proxy";
import { startServer } from "@kvplug/server";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { isFull } from "../support/full.ts";
import { ACCOUNT, startGateway } from "../support/gateway.ts";
import { Wrangler } from "../support/wrangler.ts";
import { launchChromium } from "./chromium.ts";
import { startUi, Visit } from "./explorer.ts";

const CONFIGURATION = `{
  "name": "app",
  "compatibility_date": "2026-01-01",
  "kv_namespaces": [
    { "binding": "PAGES", "id": "0f2ac74b0f2ac74b0f2ac74b0f2ac74b" },
    { "binding": "NEW" },
    // At Cloudflare, so not shown.
    { "binding": "LIVE", "id": "2f2ac74b2f2ac74b2f2ac74b2f2ac74b", "remote": true },
  ],
}`;

const BUDGET = { requests: 1000, window: 300_000 };
/** Keeps what it has for as long as a test runs. */
const CACHE = { max: 100, ttl: 3_600_000 };

/** The account of a server that asks for no token. */
const accountAt = (baseURL: string) => ({ baseURL, accountId: "local", apiToken: "any" });

/** What leads `kvplug ui` to a proxy. */
const flagsFor = (url: string, token = "any"): string[] => ["--api-url", url, "--account", "local", "--token", token];

let chromium: Browser;

beforeAll(async () => {
  chromium = await launchChromium();
});
afterAll(() => chromium?.close());

/** What lies behind the page before a visit. */
async function fill(kv: Pick<KVNamespace, "put">): Promise<void> {
  await kv.put("greeting", "hello", { metadata: { lang: "en" } });
  await kv.put("page:1", "one");
  await kv.put("page:2", "two");
}

/** How a test looks behind the page. */
interface Behind {
  get(key: string): Promise<unknown>;
  getWithMetadata(key: string): Promise<{ value: unknown; metadata: unknown }>;
}

/** Lists, reads and writes as a user does, and works on several keys; then it is looked up behind the page. */
async function tour(visit: Visit, title: string, kv: Behind): Promise<void> {
  const { page } = visit;
  await visit.open(title);
  await visit.expectRows(["greeting", "page:1", "page:2"]);
  await visit.openKey("greeting");
  await page.locator(".block", { hasText: "hello" }).waitFor();
  await visit.press("Edit");
  await page.locator(".cm-content").click();
  await page.keyboard.press("Control+End");
  await page.keyboard.type(", world");
  await visit.press("Review");
  await page.getByRole("dialog").getByRole("button", { name: "Write" }).click();
  await page.locator(".block", { hasText: "hello, world" }).waitFor();
  await eventually(async () => {
    const { value, metadata } = await kv.getWithMetadata("greeting");
    expect([value, metadata]).toEqual(["hello, world", { lang: "en" }]);
  });
  await page.getByLabel("List the names that begin with this prefix").fill("page:");
  await visit.press("List");
  await visit.expectRows(["page:1", "page:2"]);
  await page.locator(".row .check").first().click();
  await page.getByRole("region", { name: "Selection" }).getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await visit.expectRows(["page:2"]);
  await eventually(async () => expect(await kv.get("page:1")).toBeNull());
}

test("a proxy: listed, read, written, deleted", async () => {
  await using server = await startServer({ namespaces: [{ title: "main", id: "main" }] });
  await using proxy = await createProxy({ upstream: accountAt(server.url), port: 0, cache: CACHE });
  await fill(server.kv("main"));
  await using ui = await startUi(flagsFor(proxy.url));
  await using visit = await Visit.to(chromium, ui.link);
  await tour(visit, "main", server.kv("main"));
});

test("the hit rate of a proxy's cache is beside the budget, and of one without a cache there is none", async () => {
  await using server = await startServer({ namespaces: [{ title: "main", id: "main" }], rateLimit: BUDGET });
  await server.kv("main").put("k", "v");
  const upstream = accountAt(server.url);
  await using cached = await createProxy({ upstream, port: 0, cache: CACHE, token: "t" });
  await using plain = await createProxy({ upstream, port: 0 });
  const value = `${cached.url}/accounts/local/storage/kv/namespaces/main/values/k`;
  for (let i = 0; i < 4; i++) await fetch(value, { headers: { authorization: "Bearer t" } });
  await using before = await startUi(flagsFor(cached.url, "t"));
  await using first = await Visit.to(chromium, before.link);
  await first.page.getByText("75 % cache hits").waitFor();
  await using beside = await startUi(flagsFor(plain.url, "t"));
  await using second = await Visit.to(chromium, beside.link);
  await second.page.getByText(/of 1,000 requests left/).waitFor();
  // The page has had figures more than once by now.
  await second.page.getByRole("link", { name: "Live" }).click();
  await second.page.getByRole("log").getByText("GET").first().waitFor();
  expect(await second.page.getByText("cache hits").count()).toBe(0);
});

test("of a proxy with a cache, what is stored is shown, and no copy of it", async () => {
  await using server = await startServer({ namespaces: [{ title: "main", id: "main" }] });
  await using proxy = await createProxy({ upstream: accountAt(server.url), port: 0, cache: CACHE });
  await fill(server.kv("main"));
  await using ui = await startUi(flagsFor(proxy.url));
  await using visit = await Visit.to(chromium, ui.link);
  const { page } = visit;
  await visit.open("main");
  await visit.openKey("greeting");
  await page.locator(".block", { hasText: "hello" }).waitFor();
  // Past the proxy, so that its copy is old.
  await server.kv("main").put("greeting", "by somebody");
  await visit.press("Edit");
  await page.locator(".cm-content").click();
  await page.keyboard.type("mine: ");
  await visit.press("Review");
  await page.getByText("Somebody has changed this key since you read it").waitFor();
  await page.getByRole("dialog").locator(".went", { hasText: "by somebody" }).waitFor();
});

test("a gateway: listed, read, written, deleted", async () => {
  const gateway = await startGateway({ gateway: { namespaces: { KV: { id: "kv-id", title: "main" } } } });
  try {
    await using kv = gateway.open();
    await fill(kv);
    await using ui = await startUi(["--api-url", gateway.url, "--account", ACCOUNT, "--token", gateway.token]);
    await using visit = await Visit.to(chromium, ui.link);
    await visit.press("New namespace");
    await visit.page.getByLabel("Title").fill("drafts");
    await visit.press("Create");
    await visit.page.getByRole("alert").getByText("gateway").waitFor();
    await visit.page.keyboard.press("Escape");
    await tour(visit, "main", kv);
  } finally {
    await gateway.close();
  }
});

// wrangler itself takes half a minute; what it keeps is read and written in `test/cli` as well.
test.runIf(isFull)(
  "what wrangler dev keeps: the namespaces by their bindings, the jobs, and the way back for wrangler",
  async () => {
    await using wrangler = await Wrangler.open();
    await wrangler.install();
    await wrangler.file("wrangler.jsonc", CONFIGURATION);
    const pairs = [
      { key: "greeting", value: "hello", metadata: { lang: "en" } },
      { key: "page:1", value: "one" },
      { key: "page:2", value: "two" },
    ];
    await wrangler.run([
      "kv",
      "bulk",
      "put",
      await wrangler.file("pairs.json", JSON.stringify(pairs)),
      "--binding",
      "PAGES",
      "--local",
    ]);
    await using ui = await startUi(["--wrangler", "--wrangler-config", join(wrangler.folder, "wrangler.jsonc")]);
    await using visit = await Visit.to(chromium, ui.link);
    const { page } = visit;
    await page.getByText(`2 namespaces of the data of wrangler dev in ${wrangler.folder}`).waitFor();
    const get = (key: string): Promise<Buffer> =>
      wrangler.run(["kv", "key", "get", key, "--binding", "PAGES", "--local", "--text"]);
    const values = {
      get: async (key: string) => ((await get(key)).toString().includes("Value not found") ? null : ""),
      getWithMetadata: async (key: string) => {
        const listed = await wrangler.run(["kv", "key", "list", "--binding", "PAGES", "--local"]);
        const [found] = JSON.parse(listed.toString()) as { metadata: unknown }[];
        return { value: (await get(key)).toString().trimEnd(), metadata: found!.metadata };
      },
    };
    await tour(visit, "PAGES", values);
    await page.getByText("More", { exact: true }).click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByText("Export all keys of the prefix").click(),
    ]);
    expect(await readFile(await download.path(), "utf8")).toBe('{"key":"page:2","value":"two"}\n');
    await visit.openKey("page:2");
    await visit.press("Copy as…");
    await page.getByText("wrangler kv key get --local --binding PAGES -- page:2").waitFor();
    await page.getByText("kvplug get -n wrangler:PAGES -- page:2").waitFor();
    expect(await page.getByRole("dialog").getByText("curl").count()).toBe(0);
  },
);
