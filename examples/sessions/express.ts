/** A counter in an Express session: `node examples/sessions/express.ts`. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { KVStore } from "@kvplug/session/express";
import express from "express";
import session from "express-session";
import { openKV } from "./open-kv.ts";

declare module "express-session" {
  interface SessionData {
    views?: number;
  }
}

const kv = await openKV();
const store = new KVStore(kv, { ttl: 3600 });

const app = express();
app.use(session({ store, secret: "change me, please", resave: false, saveUninitialized: false }));
app.get("/", (req, res) => {
  req.session.views = (req.session.views ?? 0) + 1;
  res.send(`views: ${req.session.views}`);
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
