import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createDriver } from "@kvplug/unstorage";
import express5 from "express";
// @ts-expect-error: the types of Express 5 are installed, and serve for what is used here.
import express4 from "express4";
import fastify from "fastify";
import { createApp, eventHandler, toNodeListener } from "h3";
import { H3 } from "h3-2";
import { toNodeHandler } from "h3-2/node";
import Koa from "koa";
import { createStorage } from "unstorage";
import http from "unstorage/drivers/http";
import { createStorageServer } from "unstorage/server";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ACCOUNT_ID, NAMESPACE_ID, REFUSALS, refusedKV } from "../support/refusing-api.ts";

/** An app that answers with an item, with no handling of errors of its own. */
type StartApp = (item: () => Promise<unknown>) => Server;

const APPS: readonly (readonly [name: string, start: StartApp])[] = [
  ["Express 5", (item) => createServer(express5().get("/", async (_, res) => void res.json(await item())))],
  [
    "Express 4",
    (item) =>
      createServer(
        (express4 as typeof express5)().get("/", (_, res, next) => void item().then((found) => res.json(found), next)),
      ),
  ],
  [
    "Fastify 5",
    (item) => {
      const app = fastify({ forceCloseConnections: true, serverFactory: (handler) => createServer(handler) });
      app.get("/", () => item());
      void app.ready();
      return app.server;
    },
  ],
  [
    "Koa",
    (item) => {
      const app = new Koa();
      app.silent = true;
      app.use(async (ctx) => {
        ctx.body = await item();
      });
      return createServer(app.callback());
    },
  ],
  ["h3 1", (item) => createServer(toNodeListener(createApp({ debug: true }).use("/", eventHandler(item))))],
  ["h3 2", (item) => createServer(toNodeHandler(new H3({ debug: true }).get("/", item)))],
];

const closing: Server[] = [];

afterEach(async () => {
  vi.restoreAllMocks();
  for (const server of closing.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  }
});

async function listen(server: Server): Promise<string> {
  closing.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

describe.each(REFUSALS)("KV refuses %s with %i and %i", (_, status, code) => {
  const storage = () => createStorage({ driver: createDriver({ kv: refusedKV(status, code) }) });

  it.each(APPS)("%s answers 500, and names neither account nor namespace", async (_name, start) => {
    // Frameworks print what they did not expect.
    vi.spyOn(console, "error").mockReturnValue();
    const response = await fetch(await listen(start(() => storage().getItem("user:1"))));
    expect(response.status).toBe(500);
    const shown = `${response.statusText} ${JSON.stringify([...response.headers])} ${await response.text()}`;
    expect(shown).not.toContain(ACCOUNT_ID);
    expect(shown).not.toContain(NAMESPACE_ID);
  });

  it("is no missing item to who reads it through unstorage's own server", async () => {
    vi.spyOn(console, "error").mockReturnValue();
    const base = await listen(createServer(createStorageServer(storage()).handle));
    // A failure is not tried again.
    const remote = createStorage({ driver: http({ base }) });
    await expect(remote.getItem("a")).rejects.toMatchObject({ response: { status: 500 } });
    await expect(remote.hasItem("a")).rejects.toMatchObject({ response: { status: 500 } });
  });
});
