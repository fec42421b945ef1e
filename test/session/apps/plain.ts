import { createHmac } from "node:crypto";
import { createServer, type Server } from "node:http";
import fastifyCookie from "@fastify/cookie";
import fastifySession from "@fastify/session";
import type { KVNamespace } from "@kvplug/core";
import { KVStore as ExpressStore } from "@kvplug/session/express";
import { KVStore as FastifyStore } from "@kvplug/session/fastify";
import { KVStore as KoaStore } from "@kvplug/session/koa";
import express5 from "express";
// @ts-expect-error: the types of Express 5 are installed, and serve for what is used here.
import express4 from "express4";
import session from "express-session";
import fastify from "fastify";
import Koa from "koa";
import { createSession } from "koa-session";
import { listen, SECRET, type App } from "./app.ts";

/** The session that {@link PlainApp.cookie} shows. */
export const ID = "k7Jx2mQp9TzR4vWc8Nf5LbYh3sDgAe6u";

type Store = ExpressStore | FastifyStore | KoaStore;

/**
 * An app that leaves errors to its framework: `GET /` tells `{ user }` of the session, `GET /count` changes the session
 * too, and `GET /destroy` destroys the one of {@link ID}. Its cookie rolls.
 */
export interface PlainApp {
  readonly name: string;
  /** The cookie of whoever has the session {@link ID}. */
  readonly cookie: string;
  start(kv: KVNamespace<any>): Promise<App & { readonly store: Store }>;
}

const signed = (name: string, prefix: string): string => {
  const signature = createHmac("sha256", SECRET).update(ID).digest("base64").replace(/=+$/, "");
  return `${name}=${encodeURIComponent(`${prefix}${ID}.${signature}`)}`;
};

const serve = async (server: Server, store: Store): Promise<App & { store: Store }> => {
  const app = await listen(server, () => store.close());
  return { ...app, store };
};

const onExpress = (express: typeof express5): PlainApp["start"] => {
  return (kv) => {
    const store = new ExpressStore(kv);
    const app = express();
    app.use(session({ store, secret: SECRET, resave: false, saveUninitialized: false, rolling: true }));
    app.get("/", (req, res) => void res.json({ user: (req.session as any).user }));
    app.get("/count", (req, res) => {
      req.session.views = 1;
      res.json({});
    });
    app.get("/destroy", (_req, res, next) => store.destroy(ID, (error) => (error ? next(error) : res.json({}))));
    return serve(createServer(app), store);
  };
};

const onFastify: PlainApp["start"] = async (kv) => {
  const store = new FastifyStore(kv);
  const app = fastify({ serverFactory: (handler) => createServer(handler) });
  await app.register(fastifyCookie);
  await app.register(fastifySession, { store, secret: SECRET, saveUninitialized: false, cookie: { secure: false } });
  app.get("/", (request) => ({ user: (request.session as any).user }));
  app.get("/count", (request) => {
    request.session.views = 1;
    return {};
  });
  app.get("/destroy", async () => {
    await store.destroy(ID);
    return {};
  });
  await app.ready();
  return serve(app.server, store);
};

const onKoa: PlainApp["start"] = (kv) => {
  const store = new KoaStore(kv);
  const app = new Koa();
  app.silent = true;
  app.use(createSession({ store, signed: false, rolling: true }, app));
  app.use(async (ctx) => {
    if (ctx.path === "/destroy") await store.destroy(ID);
    if (ctx.path === "/count") ctx["session"].views = 1;
    ctx.body = { user: ctx["session"].user };
  });
  return serve(createServer(app.callback()), store);
};

export const PLAIN_APPS: readonly PlainApp[] = [
  { name: "Express 5", cookie: signed("connect.sid", "s:"), start: onExpress(express5) },
  { name: "Express 4", cookie: signed("connect.sid", "s:"), start: onExpress(express4) },
  { name: "Fastify 5", cookie: signed("sessionId", ""), start: onFastify },
  { name: "Koa", cookie: `koa.sess=${ID}`, start: onKoa },
];
