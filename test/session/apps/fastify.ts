/* oxlint-disable oxc/no-async-endpoint-handlers -- Fastify waits for promises. */
import fastifyCookie from "@fastify/cookie";
import fastifySession from "@fastify/session";
import { KVStore } from "@kvplug/session/fastify";
import fastify from "fastify";
import { BACKLOG, SECRET, type App, type AppOptions } from "./app.ts";

declare module "fastify" {
  interface Session {
    user?: string;
    views?: number;
  }
}

export async function startFastify(options: AppOptions): Promise<App> {
  const store = new KVStore(options.kv, options.session);
  const app = fastify({ forceCloseConnections: true });
  await app.register(fastifyCookie);
  await app.register(fastifySession, {
    store,
    secret: SECRET,
    saveUninitialized: false,
    rolling: options.rolling ?? false,
    cookie: { secure: false, ...(options.maxAge !== undefined && { maxAge: options.maxAge }) },
  });
  app.get("/", (request) => ({ user: request.session.user, views: request.session.views }));
  app.get("/count", (request) => {
    request.session.views = (request.session.views ?? 0) + 1;
    return { user: request.session.user, views: request.session.views };
  });
  app.get("/slow", async (request) => {
    await options.slow!();
    request.session.views = 1000;
    return { user: request.session.user, views: request.session.views };
  });
  app.post<{ Querystring: { username: string } }>("/login", async (request, reply) => {
    // Before: it saves, and what it saves is then written once.
    request.session.user = request.query.username;
    await request.session.regenerate(["user"]);
    return reply.redirect("/");
  });
  app.post("/logout", async (request) => {
    await request.session.destroy();
    return {};
  });
  const url = await app.listen({ host: "127.0.0.1", port: 0, backlog: BACKLOG });
  return {
    url,
    close: async () => {
      await app.close();
      await store.close();
    },
  };
}
