/** A counter in a Koa session: `node examples/sessions/koa.ts`. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { KVStore } from "@kvplug/session/koa";
import Koa from "koa";
import { createSession } from "koa-session";
import { openKV } from "./open-kv.ts";

const kv = await openKV();
const store = new KVStore(kv, { ttl: 3600 });

const app = new Koa();
app.keys = ["change me, please"];
app.use(createSession({ store }, app));
app.use((ctx) => {
  const session = ctx["session"] as { views?: number };
  session.views = (session.views ?? 0) + 1;
  ctx.body = `views: ${session.views}`;
});

const server = app.listen(0, "127.0.0.1");
await once(server, "listening");
console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);

process.once("SIGTERM", async () => {
  server.close();
  server.closeAllConnections();
  await store.close();
  await kv.closeAll();
});
