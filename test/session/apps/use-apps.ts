import { createKV, type KV, type KVOptions } from "@kvplug/core";
import type { ServerOptions } from "@kvplug/server";
import { afterEach, beforeEach, expect } from "vitest";
import { Browser } from "../../support/browser.ts";
import { useVirtualTime } from "../../support/clock.ts";
import { accountOf, startRest, type RestSetup } from "../../support/rest.ts";
import type { VirtualTime } from "../../support/virtual-time.ts";
import type { App, AppOptions, StartApp } from "./app.ts";

/** As unkind as KV: one write a second and key, and 20 ms away. */
export const KV_LIKE: ServerOptions = { writeLimit: true, latency: 20 };

/** A server, and apps that keep their sessions there. */
export interface Apps {
  /** By which the server goes as well. Browsers let it pass while they wait. */
  readonly time: Pick<VirtualTime, "advance">;
  readonly server: RestSetup["server"];
  /** What browsers were answered; a 429 or a 5xx among them fails the test. */
  readonly statuses: readonly number[];
  /** Starts the server. */
  start(options?: ServerOptions): Promise<void>;
  /** The app in a process of its own, as far as KV can tell: with a driver of its own, at its own pace. */
  open(startApp: StartApp, options?: Omit<AppOptions, "kv">, driver?: KVOptions): Promise<App>;
  browse(app: App): Browser;
  /** How many requests a call makes. */
  requestsOf(call: () => Promise<unknown>): Promise<number>;
}

/** For all tests of a file; each starts its own server. */
export function useApps(): Apps {
  // The app's own requests wait for KV's, and so does time.
  const time = useVirtualTime({ awaited: /\/storage\/kv\// });
  let rest: RestSetup;
  let statuses: number[];
  const closing: (() => Promise<unknown>)[] = [];

  beforeEach(() => {
    statuses = [];
  });
  afterEach(async () => {
    await time.until(Promise.all(closing.splice(0).map((close) => close())));
    await rest.close();
    expect(statuses.filter((status) => status === 429 || status >= 500)).toEqual([]);
  });

  return {
    time,
    get server() {
      return rest.server;
    },
    get statuses() {
      return statuses;
    },
    start: async (options = KV_LIKE) => {
      rest = await startRest({ now: () => Date.now(), ...options });
    },
    open: async (startApp, options = {}, driver = {}) => {
      const kv: KV = createKV({ ...accountOf(rest.server), namespaceId: rest.server.namespaces[0]!.id, ...driver });
      const app = await startApp({ kv, ...options });
      closing.push(async () => {
        await app.close();
        await kv.close();
      });
      return app;
    },
    browse: (app) => new Browser(app.url, statuses, (visit) => time.until(visit)),
    requestsOf: async (call) => {
      const before = rest.server.requests.total;
      await call();
      return rest.server.requests.total - before;
    },
  };
}
