import type { AddressInfo } from "node:net";
import type { Server } from "node:http";
import { once } from "node:events";
import type { KVNamespace, Milliseconds } from "@kvplug/core/seam";
import type { SessionOptions } from "@kvplug/session";

/** What an app is made of. */
export interface AppOptions {
  readonly kv: KVNamespace<any>;
  readonly session?: SessionOptions;
  readonly maxAge?: Milliseconds;
  readonly rolling?: boolean;
  /** What `/slow` waits for, between reading its session and changing it. */
  readonly slow?: () => Promise<void>;
}

/**
 * The same application in each framework: `GET /` tells `{ user, views }`, `GET /count` counts a view,
 * `GET /slow` does so slowly, `POST /login?username=NAME&password=…` regenerates the session and redirects to `/`,
 * and `POST /logout` ends the session.
 */
export interface App {
  readonly url: string;
  close(): Promise<void>;
}

export type StartApp = (options: AppOptions) => Promise<App>;

export const SECRET = "a secret of 32 characters or more";

/** How many connections may wait to be accepted: a thousand users come at once, and by default 511 may. */
export const BACKLOG = 2048;

/** Serves a handler of node:http. */
export async function listen(server: Server, closeStore: () => Promise<void>): Promise<App> {
  // On a busy machine a browser would otherwise send on a connection that is just being ended for having been idle.
  server.keepAliveTimeout = 60_000;
  server.listen({ host: "127.0.0.1", port: 0, backlog: BACKLOG });
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
      await closeStore();
    },
  };
}
