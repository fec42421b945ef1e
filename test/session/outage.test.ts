import { createKV, type KV } from "@kvplug/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Browser } from "../support/browser.ts";
import { useStandingClock } from "../support/clock.ts";
import { StoppableServer } from "../support/stoppable-server.ts";
import type { App, StartApp } from "./apps/app.ts";
import { FRAMEWORKS } from "./apps/frameworks.ts";

const LOGIN = "/login?username=ada&password=x";

describe.each(FRAMEWORKS)("%s, when KV goes and comes back", (_name, startApp) => {
  let server: StoppableServer;
  const closing: (() => Promise<void>)[] = [];
  // What is known is known for a minute.
  useStandingClock();

  beforeEach(async () => {
    server = await StoppableServer.start({ namespaces: [{ title: "test", id: "test" }] });
  });

  afterEach(async () => {
    await Promise.all(closing.splice(0).map((close) => close()));
    await server[Symbol.asyncDispose]();
  });

  async function open(start: StartApp): Promise<App> {
    const kv: KV = createKV({
      baseURL: server.url,
      accountId: "local",
      apiToken: "none",
      namespaceId: "test",
      retry: { attempts: 2, minDelay: 1 },
      writeInterval: 0,
    });
    const app = await start({ kv });
    closing.push(async () => {
      await app.close();
      await kv.close();
    });
    return app;
  }

  it("known sessions are served, others are refused, nobody is lost, and the process lives", async () => {
    const app = await open(startApp);
    const elsewhere = await open(startApp);
    const known = new Browser(app.url);
    await known.post(LOGIN);
    const unknown = known.copy(elsewhere.url);
    await server.stop();

    expect((await known.get("/")).body).toEqual({ user: "ada" });
    expect((await unknown.get("/")).status).toBe(500);
    // A new visitor who leaves nothing in the session needs no KV.
    expect((await new Browser(app.url).get("/")).status).toBe(200);
    // Express and Fastify answer before they are told that the session could not be saved.
    await new Browser(app.url).get("/count").catch(() => undefined);
    expect((await known.get("/")).body).toEqual({ user: "ada" });

    await server.startAgain();
    expect((await unknown.get("/")).body).toEqual({ user: "ada" });
    expect((await known.get("/count")).body).toEqual({ user: "ada", views: 1 });
    expect((await known.copy((await open(startApp)).url).get("/")).body).toEqual({ user: "ada", views: 1 });
  });

  it("a logout that KV could not be told of is an error, and the next one does it", async () => {
    const browser = new Browser((await open(startApp)).url);
    await browser.post(LOGIN);
    const thief = browser.copy();
    await server.stop();
    expect((await browser.post("/logout")).status).toBe(500);
    await server.startAgain();
    // Fastify and Koa have destroyed it; Passport saves first, and gives up at the first failure.
    await thief.post("/logout");
    expect((await thief.get("/")).body).toEqual({});
    expect((await thief.copy((await open(startApp)).url).get("/")).body).toEqual({});
  });
});
