import { join } from "node:path";
import type { KVListKey } from "@kvplug/core/seam";
import { startServer, type RunningServer } from "@kvplug/server";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, onTestFinished, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { clear, listAll } from "../support/namespace.ts";
import { buildApp, type BuiltApp, type RunningApp } from "./support/app.ts";

const TOKEN = "token-of-the-apps-0123456789";
const root = join(import.meta.dirname, "../..");

/**
 * The apps, where each has what is asked of all, what the variables of its runtime config begin with, and for how
 * many seconds KV is told to keep a page: Nitro 2 hands over no time, so the storage's holds; Nitro 3 hands over
 * that of the page.
 */
const apps = {
  "Nitro 2": { example: "nitro", api: "", prefix: "NITRO", kept: 86_400 },
  "Nitro 3": { example: "nitro-3", api: "", prefix: "NITRO", kept: 300 },
  "Nuxt 4": { example: "nuxt", api: "/api", prefix: "NUXT", kept: 86_400 },
};

describe.each(Object.entries(apps))("%s", (_framework, { example, api, prefix, kept }) => {
  let server: RunningServer;
  let app: BuiltApp;
  const environment = (): Record<string, string> => ({
    CLOUDFLARE_API_BASE_URL: server.url,
    CLOUDFLARE_ACCOUNT_ID: server.account,
    CLOUDFLARE_KV_NAMESPACE_ID: server.namespaces[0]!.id,
    CLOUDFLARE_API_TOKEN: TOKEN,
  });

  beforeAll(async () => {
    server = await startServer({ token: TOKEN, namespaces: ["test"] });
    // As where it is deployed from, the credentials may be there at the build as well.
    app = await buildApp(join(root, "examples", example), inject("tarballs"), environment());
    return () => app.remove();
  });
  beforeEach(() => clear(server.kv("test")));
  afterAll(() => server.close());

  const start = async (env = environment()): Promise<RunningApp> => {
    const running = await app.start(env);
    onTestFinished(() => running.stop());
    return running;
  };
  /** What tells one making of a page from another. */
  const made = async (running: RunningApp, path: string): Promise<string> => {
    const response = await running.fetch(path);
    const text = await response.text();
    expect(response.status, text + running.log()).toBe(200);
    // A page of Nuxt holds the id of its build as well.
    return /made\W+(?:b>)?([\da-f]{8}-[\da-f-]{27})/.exec(text)![1]!;
  };
  const now = (): number => Math.floor(Date.now() / 1000);
  /** The only key under a base, once it is there: Nitro writes behind the answer. */
  const keyUnder = (prefix: string): Promise<KVListKey> =>
    eventually(async () => {
      const [key, ...more] = await listAll(server.kv("test"), { prefix });
      expect(key).toBeDefined();
      expect(more).toEqual([]);
      return key!;
    });
  /** Expects that a key which was written since a moment is kept for so many seconds, give or take what is rounded. */
  const expectKept = ({ expiration }: KVListKey, seconds: number, since: number): void => {
    expect(expiration).toBeGreaterThan(since + seconds - 10);
    expect(expiration).toBeLessThanOrEqual(now() + seconds);
  };

  test("a page is made once, and comes from KV after that, also after a restart", async () => {
    const first = await start();
    const before = now();
    const page = await made(first, "/");
    const key = await keyUnder("cache:");
    expect(key.name).toMatch(/^cache:nitro/);
    expectKept(key, kept, before);
    expect(await made(first, "/")).toBe(page);
    await first.stop();

    const second = await start();
    server.requests.reset();
    expect(await made(second, "/")).toBe(page);
    expect(server.requests.total).toBe(1);
    await server.kv("test").delete(key.name);
    expect(await made(second, "/")).not.toBe(page);
  });

  test("a time under a minute is kept for a minute by KV", async () => {
    const running = await start();
    const before = now();
    const answer = await made(running, `${api}/brief`);
    expectKept(await keyUnder("cache:"), 60, before);
    expect(await made(running, `${api}/brief`)).toBe(answer);
  });

  test("a storage reads, writes, lists and removes", async () => {
    const running = await start();
    const ask = async (path: string, init?: RequestInit): Promise<unknown> => {
      const response = await running.fetch(`${api}/notes${path}`, init);
      return response.json();
    };
    const put = (path: string, value: unknown): Promise<unknown> =>
      ask(path, { method: "PUT", body: JSON.stringify(value), headers: { "content-type": "application/json" } });
    expect(await ask("/ada")).toEqual({ note: null });
    const before = now();
    expect(await put("/ada", { text: "hello" })).toEqual({ note: { text: "hello" } });
    expect(await put("/bob", { text: "ünïcode" })).toEqual({ note: { text: "ünïcode" } });
    expect(await ask("")).toEqual(["ada", "bob"]);
    expectKept(await keyUnder("data:ada"), 3_600, before);
    expect(await ask("/ada", { method: "DELETE" })).toEqual({ note: null });
    expect(await ask("")).toEqual(["bob"]);
  });

  test("no secret is in the build", async () => {
    expect(await app.filesWith(TOKEN)).toEqual([]);
    // It would be found.
    expect(await app.filesWith("@kvplug/unstorage")).not.toEqual([]);
  });

  test("without credentials it starts, and makes its pages", async () => {
    const running = await start({});
    expect(await made(running, "/")).not.toBe(await made(running, "/"));
    expect((await running.fetch(`${api}/notes`)).status).toBe(500);
    expect(running.log()).toContain("[@kvplug/unstorage] namespaceId, accountId and apiToken are missing");
  });

  test.each([
    ["a token that is refused", { CLOUDFLARE_API_TOKEN: "revoked" }],
    ["a namespace that is gone", { CLOUDFLARE_KV_NAMESPACE_ID: "f9e8d7c6b5a4938271605f4e3d2c1b0a" }],
  ])("%s is a 500 of the app's, and names no namespace", async (_, env) => {
    const given: Record<string, string> = { ...environment(), ...env };
    const running = await start(given);
    const response = await running.fetch(`${api}/notes/ada`);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain(given["CLOUDFLARE_KV_NAMESPACE_ID"]);
  });

  test("a plugin hands over credentials at run time", async () => {
    const { CLOUDFLARE_API_TOKEN, ...env } = environment();
    const running = await start({ ...env, [`${prefix}_SESSIONS_TOKEN`]: CLOUDFLARE_API_TOKEN! });
    const before = now();
    const response = await running.fetch(`${api}/visits`);
    expect(await response.json()).toEqual({ visits: 1 });
    const cookie = response.headers.getSetCookie()[0]!.split(";")[0]!;
    const again = await running.fetch(`${api}/visits`, { headers: { cookie } });
    expect(await again.json()).toEqual({ visits: 2 });
    expectKept(await keyUnder("sessions:"), 1_800, before);
    expect((await running.fetch(`${api}/notes`)).status).toBe(500);
  });

  test("in development it is kept in KV as well", async () => {
    const running = await app.develop(environment());
    onTestFinished(() => running.stop());
    await eventually(async () => expect((await running.fetch(`${api}/notes`)).status).toBe(200));
    const before = now();
    const answer = await made(running, `${api}/brief`);
    expectKept(await keyUnder("cache:"), 60, before);
    expect(await made(running, `${api}/brief`)).toBe(answer);
    const note = await running.fetch(`${api}/notes/ada`, {
      method: "PUT",
      body: JSON.stringify({ text: "hello" }),
      headers: { "content-type": "application/json" },
    });
    expect(await note.json()).toEqual({ note: { text: "hello" } });
    expect(await server.kv("test").get("data:ada", "json")).toEqual({ text: "hello" });
  });

  // The last one: it takes the server away.
  test("with KV down pages are still served", async () => {
    const running = await start();
    const page = await made(running, "/");
    await keyUnder("cache:");
    await server.close();
    const before = performance.now();
    expect(await made(running, "/")).not.toBe(page);
    // The deadline of a call to KV, for which no page waits.
    expect(performance.now() - before).toBeLessThan(60_000);
  });
});
