/** A counter in a Fastify session: `node examples/sessions/fastify.ts`. */
import fastifyCookie from "@fastify/cookie";
import fastifySession from "@fastify/session";
import { KVStore } from "@kvplug/session/fastify";
import fastify from "fastify";
import { openKV } from "./open-kv.ts";

declare module "fastify" {
  interface Session {
    views?: number;
  }
}

const kv = await openKV();
const store = new KVStore(kv, { ttl: 3600 });

const app = fastify({ forceCloseConnections: true });
await app.register(fastifyCookie);
await app.register(fastifySession, {
  store,
  secret: "change me, please: 32 characters or more",
  rolling: false,
  saveUninitialized: false,
  cookie: { secure: false },
});
app.get("/", (request) => {
  request.session.views = (request.session.views ?? 0) + 1;
  return `views: ${request.session.views}`;
});
console.log(await app.listen({ host: "127.0.0.1", port: 0 }));

process.once("SIGTERM", async () => {
  await app.close();
  await store.close();
  await kv.closeAll();
});
