import { join } from "node:path";
import { startServer, type RunningServer } from "@kvplug/server";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, onTestFinished, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { clear, listAll } from "../support/namespace.ts";
import { buildApp, type BuiltApp, type RunningApp } from "./support/app.ts";
import { releasesToTest } from "./support/releases.ts";

const TOKEN = "token-of-the-apps-0123456789";
const root = join(import.meta.dirname, "../..");

const releases = {
  "NestJS 12 with cache-manager 7": {},
  "NestJS 11 with cache-manager 6": {
    "@nestjs/cache-manager": "^3.1.3",
    "@nestjs/common": "^11.0.0",
    "@nestjs/core": "^11.0.0",
    "@nestjs/platform-express": "^11.0.0",
    "cache-manager": "^6.4.3",
  },
};

describe.each(releasesToTest(releases))("%s", (_release, versions) => {
  let server: RunningServer;
  let app: BuiltApp;

  beforeAll(async () => {
    server = await startServer({ token: TOKEN, namespaces: ["test"] });
    const shape = { output: "dist", entry: "main.js", versions };
    app = await buildApp(join(root, "examples/nestjs"), inject("tarballs"), {}, shape);
    return () => app.remove();
  });
  beforeEach(() => clear(server.kv("test")));
  afterAll(() => server.close());

  const start = async (): Promise<RunningApp> => {
    const running = await app.start({
      CLOUDFLARE_API_BASE_URL: server.url,
      CLOUDFLARE_ACCOUNT_ID: server.account,
      CLOUDFLARE_KV_NAMESPACE_ID: server.namespaces[0]!.id,
      CLOUDFLARE_API_TOKEN: TOKEN,
    });
    onTestFinished(() => running.stop());
    return running;
  };
  const ask = async (running: RunningApp, path: string, method = "GET"): Promise<unknown> => {
    const response = await running.fetch(path, { method });
    expect(response.status, running.log()).toBe(200);
    return response.json();
  };

  test("an answer is made once, and comes from KV after a restart", async () => {
    const first = await start();
    const before = Date.now() / 1000;
    const news = await ask(first, "/pages/news");
    expect(await ask(first, "/pages/news")).toEqual(news);
    // It is written behind the answer.
    const key = await eventually(async () => {
      const [written] = await listAll(server.kv("test"));
      expect(written).toBeDefined();
      return written;
    });
    expect(key!.name).toBe("shop::/pages/news");
    expect(key!.expiration).toBeGreaterThan(before + 290);
    await first.stop();
    expect(await ask(await start(), "/pages/news")).toEqual(news);
  });

  test("the app wraps and deletes", async () => {
    const first = await start();
    const ada = await ask(first, "/users/ada");
    await first.stop();
    const second = await start();
    expect(await ask(second, "/users/ada")).toEqual(ada);
    expect(await ask(second, "/users/ada", "DELETE")).toEqual({ forgotten: true });
    expect(await ask(second, "/users/ada")).not.toEqual(ada);
  });

  // The last one: it takes the server away.
  test("with KV down it answers, and says why it is slow", async () => {
    const running = await start();
    await server.close();
    expect(await ask(running, "/users/bob")).toMatchObject({ id: "bob" });
    expect(running.log()).toContain("KV_NETWORK");
  });
});
