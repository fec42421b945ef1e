/**
 * A page on a KV of this machine: sessions, a cached fragment and a list, all in one namespace behind one cache.
 * `pnpm start` serves it, after the tour.
 *
 * @module
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname } from "node:path";
import { withCache } from "@kvplug/cache";
import { createKV } from "@kvplug/core";
import type { RunningServer } from "@kvplug/server";
import { KVStore } from "@kvplug/session/express";
import { createApp } from "./app.ts";
import { figuresOf } from "./figures.ts";
import { openFragment } from "./fragment.ts";
import { openNotes } from "./notes.ts";
import { keptSecret } from "./secret.ts";

/** The page, while it is served. */
export interface ServedDemo extends AsyncDisposable {
  readonly url: string;
}

/** The namespace that the page keeps everything in. */
export const DEMO_NAMESPACE = { title: "demo", id: "demo" };

/** Serves the page over a server's namespace; `data` is the server's file, beside which the cookies' secret is kept. */
export async function serveDemo(server: RunningServer, data: string, port: number): Promise<ServedDemo> {
  const listener = createServer().listen(port, "127.0.0.1");
  await once(listener, "listening");

  const kv = createKV({
    baseURL: server.url,
    accountId: server.account,
    namespaceId: DEMO_NAMESPACE.id,
    apiToken: "any",
    // Who looks at a page waits no minute for it.
    deadline: 5_000,
  });
  // One cache for all three, so that its figures are theirs; the store needs none of its own then.
  const cached = withCache(kv, { max: 10_000 });
  // Behind: a click does not wait for KV, which takes one write a second of a session. To stop the app waits.
  const sessions = new KVStore(cached, { cache: false, durability: "behind" });

  const app = createApp({
    sessions,
    secret: await keptSecret(dirname(data)),
    fragment: openFragment(cached),
    notes: openNotes(cached),
    figures: () => figuresOf(kv, cached),
    data,
  });
  listener.on("request", app);
  return {
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      listener.close();
      // Pages that are open listen to the figures.
      listener.closeAllConnections();
      await sessions.close();
      await cached.close();
    },
  };
}
