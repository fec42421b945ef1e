import { startServer, type RunningServer } from "@kvplug/server";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { FOREIGN_HOST, launchChromium } from "./chromium.ts";
import { servePage } from "./page.ts";

/** Values that a page can run, draw or apply, if it gets them. */
const VALUES: Record<string, string> = {
  script: "window.stolen = 'a secret'; parent.postMessage('a secret', '*')",
  image: "<svg xmlns='http://www.w3.org/2000/svg' width='7' height='7'/>",
  style: "body { --stolen: a-secret }",
  page: "<script>parent.postMessage('a secret', '*')</script>",
};

let chromium: Browser;
let server: RunningServer;
let page: Page;

beforeAll(async () => {
  chromium = await launchChromium();
});
beforeEach(async () => {
  server = await startServer({ namespaces: [{ title: "main", id: "main" }] });
  for (const [key, value] of Object.entries(VALUES)) await server.kv("main").put(key, value);
  page = await (await chromium.newContext()).newPage();
});
afterEach(async () => {
  await page.context().close();
  await server.close();
});
afterAll(() => chromium?.close());

const urlOf = (path: string): string => `${server.url}/accounts/${server.account}/storage/kv/namespaces/main/${path}`;

/** What became of each element with a `src` or `href`, once the page knows of all of them. */
const OUTCOMES = `<script>
  window.outcomes = {};
  for (const kind of ["load", "error"]) {
    addEventListener(kind, ({ target }) => { if (target.id) outcomes[target.id] = kind; }, true);
  }
  addEventListener("message", ({ data }) => { window.stolen = data; });
</script>`;

describe.each(["127.0.0.1", "localhost", FOREIGN_HOST])("a page on another port of %s", (host) => {
  async function visit(markup: string): Promise<void> {
    await page.goto(`http://${host}:${await servePage(OUTCOMES + markup)}`);
  }

  test("learns nothing by elements: neither values nor which keys exist", async () => {
    // Each of an existing key and of a missing one.
    const twice = (markup: (key: string, id: string) => string, key: string): string =>
      markup(urlOf(`values/${key}`), key) + markup(urlOf("values/missing"), `no-${key}`);
    await visit(
      twice((url, id) => `<script id="${id}" src="${url}"></script>`, "script") +
        twice((url, id) => `<img id="${id}" src="${url}">`, "image") +
        twice((url, id) => `<link id="${id}" rel="stylesheet" href="${url}">`, "style"),
    );
    const outcomes = await page.evaluate("outcomes");
    const ids = ["script", "image", "style"].flatMap((id) => [id, `no-${id}`]);
    expect(outcomes).toEqual(Object.fromEntries(ids.map((id) => [id, "error"])));
    expect(await page.evaluate("window.stolen")).toBeUndefined();
    expect(await page.evaluate("getComputedStyle(document.body).getPropertyValue('--stolen')")).toBe("");
    expect(server.requests.byRoute).toEqual({ "GET /:namespace/values/:key": 6 });
  });

  test("frames nothing", async () => {
    const answered = page.waitForResponse(urlOf("values/page"));
    await visit(`<iframe src="${urlOf("values/page")}"></iframe>`);
    expect((await answered).status()).toBe(403);
    expect(await page.evaluate("window.stolen")).toBeUndefined();
  });

  test("fetches nothing, and changes nothing", async () => {
    await visit("");
    const attempt = (path: string, init: object): Promise<string> =>
      page.evaluate(
        ([url, options]) =>
          fetch(url, options as RequestInit).then(
            ({ type }) => type,
            () => "failed",
          ),
        [urlOf(path), init] as [string, object],
      );
    const outcomes = [
      await attempt("values/script", { mode: "no-cors" }),
      await attempt("values/script", { mode: "cors" }),
      await attempt("bulk/delete", { mode: "no-cors", method: "POST", body: '["script"]' }),
      await attempt("values/script", { method: "DELETE" }),
      await attempt("values/script", { method: "PUT", body: "theirs" }),
    ];
    expect(outcomes).toEqual(Array(5).fill("failed"));
    expect(await server.kv("main").get("script")).toBe(VALUES["script"]);
  });

  test("sends no form", async () => {
    // As text, this form is the JSON of an array with the key.
    await visit(`<form method="post" enctype="text/plain" action="${urlOf("bulk/delete")}">
      <input name='["script", "' value='"]'><button>Win</button></form>`);
    const [answer] = await Promise.all([page.waitForEvent("response"), page.getByRole("button").click()]);
    expect(answer.status()).toBe(403);
    expect(await server.kv("main").get("script")).toBe(VALUES["script"]);
    // The browser asks for an icon of what it shows, too.
    expect(server.requests.byRoute).toMatchObject({ "POST /:namespace/bulk/delete": 1 });
  });

  test("opens nothing by a link", async () => {
    await visit(`<a href="${urlOf("values/page")}">Look</a>`);
    const [answer] = await Promise.all([page.waitForEvent("response"), page.getByRole("link").click()]);
    expect(answer.status()).toBe(403);
  });
});

test("a browser that tells nothing of who asks is told whose the answer is", async () => {
  // Node's own requests carry no Sec-Fetch-Site, as those of older browsers.
  for (const path of ["values/script", "values/missing", "keys", "nowhere"]) {
    const { headers } = await fetch(urlOf(path));
    expect([headers.get("x-content-type-options"), headers.get("cross-origin-resource-policy")]).toEqual([
      "nosniff",
      "same-origin",
    ]);
  }
});

test("who types an address is answered", async () => {
  expect((await page.goto(urlOf("keys")))?.status()).toBe(200);
  expect((await page.goto(new URL("/stats", server.url).href))?.status()).toBe(200);
});
