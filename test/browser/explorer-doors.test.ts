import { startServer, type RunningServer } from "@kvplug/server";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FOREIGN_HOST, launchChromium } from "./chromium.ts";
import { Explored, startUi, Visit } from "./explorer.ts";
import { servePage } from "./page.ts";

let chromium: Browser;
let server: RunningServer;
let over: string[];

beforeAll(async () => {
  chromium = await launchChromium();
  server = await startServer({ namespaces: [{ title: "main", id: "main" }], token: "the-secret" });
  await server.kv("main").put("a", "1");
  over = ["--api-url", server.url, "--account", "local", "--token", "the-secret"];
});
afterAll(() => Promise.all([chromium?.close(), server?.close()]));

const pathOf = "/client/v4/accounts/local/storage/kv/namespaces/main";

describe("kvplug ui", () => {
  test("lets in who has the address, and nobody else", async () => {
    await using ui = await startUi(over);
    const { origin } = new URL(ui.link);
    for (const path of ["/", "/assets/x.js", "/-/about", `${pathOf}/keys`]) {
      expect([path, (await fetch(origin + path)).status]).toEqual([path, 401]);
    }
    expect((await fetch(`${origin}/?session=guessed`, { redirect: "manual" })).headers.get("set-cookie")).toContain(
      "Max-Age=0",
    );
    await using visit = await Visit.to(chromium, ui.link);
    await visit.open("main");
    await visit.expectRows(["a"]);
    // The secret is out of the address bar, and no script can read the cookie.
    expect(visit.page.url()).not.toContain("session");
    expect(await visit.page.evaluate("document.cookie")).toBe("");
    expect(await visit.context.cookies()).toMatchObject([{ httpOnly: true, sameSite: "Strict" }]);
  });

  test("keeps the credential in its process", async () => {
    await using ui = await startUi(over);
    await using visit = await Visit.to(chromium, "about:blank");
    const bodies: string[] = [];
    visit.page.on("response", async (response) => {
      const { headers } = { headers: await response.allHeaders().catch(() => ({})) };
      bodies.push(JSON.stringify(headers), await response.text().catch(() => ""));
    });
    visit.page.on("request", async (request) => {
      bodies.push(JSON.stringify(await request.allHeaders().catch(() => ({}))));
    });
    await visit.page.goto(ui.link);
    await visit.open("main");
    await visit.expectRows(["a"]);
    await visit.openKey("a");
    await visit.press("Copy as…");
    expect(bodies.length).toBeGreaterThan(10);
    expect(bodies.filter((text) => text.includes("the-secret"))).toEqual([]);
    expect(await visit.page.locator("body").innerText()).not.toContain("the-secret");
    visit.foreign.length = 0;
  });

  test("answers no other name, and no page of another port, though that has the cookie", async () => {
    await using ui = await startUi(over);
    const { port, origin } = new URL(ui.link);
    await using visit = await Visit.to(chromium, ui.link);
    await visit.open("main");
    const shown = await visit.context.newPage();
    expect((await shown.goto(`http://${FOREIGN_HOST}:${port}/`))?.status()).toBe(403);
    await shown.goto(`http://127.0.0.1:${await servePage("")}`);
    const outcomes = await shown.evaluate(
      ([url, path]) =>
        Promise.all([
          fetch(`${url}${path}/values/a`, { method: "DELETE", credentials: "include" }).catch(() => "failed"),
          fetch(`${url}/-/jobs`, {
            method: "POST",
            mode: "no-cors",
            credentials: "include",
            body: '{"kind":"delete-prefix","namespace":"main","prefix":""}',
          }).then(
            () => "sent",
            () => "failed",
          ),
        ]),
      [origin, pathOf] as const,
    );
    expect(outcomes).toEqual(["failed", "failed"]);
    expect(await server.kv("main").get("a")).toBe("1");
    visit.foreign.length = 0;
    visit.complaints.length = 0;
  });

  test("--read-only writes nothing, whoever asks", async () => {
    await using ui = await startUi([...over, "--read-only"]);
    await using visit = await Visit.to(chromium, ui.link);
    await visit.open("main");
    await visit.openKey("a");
    expect(await visit.page.getByRole("button", { name: /^(Edit|Delete|New key)$/ }).count()).toBe(0);
    const ask = (method: string, path: string, body?: string): Promise<number> =>
      visit.page.evaluate(
        ([how, where, what]) =>
          fetch(where!, { method: how!, headers: { "kvplug-page": "1" }, ...(what && { body: what }) }).then(
            ({ status }) => status,
          ),
        [method, path, body],
      );
    expect(await ask("PUT", `${pathOf}/values/a`, "2")).toBe(403);
    expect(await ask("DELETE", `${pathOf}/values/a`)).toBe(403);
    expect(await ask("POST", `${pathOf}/bulk/delete`, '["a"]')).toBe(403);
    expect(await ask("POST", "/client/v4/accounts/local/storage/kv/namespaces", '{"title":"x"}')).toBe(403);
    expect(await ask("POST", "/-/jobs", '{"kind":"delete","namespace":"main","keys":["a"]}')).toBe(403);
    expect(await ask("POST", "/-/import?namespace=main", '{"key":"a","value":"2"}')).toBe(403);
    expect(await ask("POST", "/-/jobs/any/continue")).toBe(403);
    expect(await ask("POST", `${pathOf}/bulk/get`, '{"keys":["a"]}')).toBe(200);
    expect(await server.kv("main").get("a")).toBe("1");
  });

  test("shows what the account refuses", async () => {
    const wrong = ["--api-url", server.url, "--account", "local", "--token", "wrong"];
    await using ui = await startUi(wrong);
    await using visit = await Visit.to(chromium, ui.link);
    await visit.page.getByRole("alert").waitFor();
    expect(await visit.page.getByRole("alert").innerText()).toContain("Authentication error");
  });
});

describe("kvplug serve", () => {
  test("shows its page without a session on loopback, and with a token only to who has the address", async () => {
    await using open = await Explored.serve();
    await using first = await Visit.to(chromium, open.link);
    await first.open("main");
    await first.page.getByText("No keys.").waitFor();

    await using closed = await Explored.serve(["--token", "t0ken"], "t0ken");
    const { origin } = new URL(closed.link);
    expect((await fetch(`${origin}/`)).status).toBe(401);
    expect((await fetch(`${origin}/-/about`)).status).toBe(401);
    expect((await fetch(`${origin}${pathOf}/keys`)).status).toBe(403);
    await using second = await Visit.to(chromium, closed.link);
    await second.open("main");
    await second.page.getByText("No keys.").waitFor();
  });

  test("is shown in no frame, loads nothing from elsewhere, and is not cached", async () => {
    await using explored = await Explored.serve();
    const { headers } = await fetch(explored.link);
    expect(headers.get("content-security-policy")).toContain("default-src 'self'");
    expect(headers.get("content-security-policy")).not.toContain("unsafe");
    expect(headers.get("x-frame-options")).toBe("DENY");
    expect(headers.get("cache-control")).toBe("no-store");
    expect((await fetch(new URL("/assets/..%2f..%2fpackage.json", explored.link))).status).toBe(404);
    expect((await fetch(new URL("/manifest.json", explored.link))).status).toBe(404);
  });
});
