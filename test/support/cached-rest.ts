import { withCache, type CachedKV, type CacheBound, type CacheOptions } from "@kvplug/cache";
import type { KV, KVClientOptions } from "@kvplug/core";
import type { KVNamespace, KVPutOptions, Milliseconds } from "@kvplug/core/seam";
import type { ServerOptions } from "@kvplug/server";
import { afterEach, beforeEach } from "vitest";
import { useVirtualTime } from "./clock.ts";
import { refusal } from "./wire.ts";
import { useWiredRest, type WiredRest } from "./wired-rest.ts";

/** A server with a cache in front of a driver; all clocks stand, and so do timers. */
export interface CachedRest extends Pick<WiredRest, "server" | "wire" | "stored" | "sent"> {
  /** A new one for each test, with a ttl of a minute. */
  readonly kv: CachedKV<KV>;
  /** What the server stores, past caches and drivers. */
  readonly store: KVNamespace;
  advance(time: Milliseconds): void;
  /** Waits, and lets time pass from timer to timer where nothing else is left to wait for. */
  until<Result>(promise: Promise<Result>): Promise<Result>;
  /** Sets `Date` forward or back; no time passes. */
  setClock(by: Milliseconds): void;
  /** Another cache in front of a driver of its own, which tries once; a ttl of a minute by default. */
  open(options?: CacheOptions & Partial<CacheBound>, driver?: KVClientOptions): CachedKV<KV>;
  /** Stores as others do, whose writes a cache does not see. */
  elsewhere(key: string, value: string | null, options?: KVPutOptions): Promise<void>;
  /** From now on the backend answers with 500. */
  fail(): void;
  /** From now on it answers as it should. */
  recover(): void;
}

/** For all tests of a file or block. */
export function useCachedRest(options: ServerOptions = {}): CachedRest {
  const rest = useWiredRest({ now: () => Date.now(), ...options });
  const time = useVirtualTime();
  const opened: CachedKV<KV>[] = [];
  const open: CachedRest["open"] = (options = {}, driver = {}) => {
    const kv = withCache(rest.open({ retry: false, ...driver }), {
      max: 10_000,
      ttl: 60_000,
      // For tests of something else, on a machine that may be slow.
      deadline: 100_000,
      ...options,
    });
    opened.push(kv);
    return kv;
  };
  let kv: CachedKV<KV> | undefined;
  beforeEach(() => {
    kv = open();
  });
  afterEach(async () => {
    rest.wire.release();
    // It looks for a while whether anybody reads what is still open.
    await time.until(Promise.all(opened.splice(0).map((one) => one.close())));
  });
  const store = (): KVNamespace => rest.server.kv("test");
  return {
    wire: rest.wire,
    stored: rest.stored,
    sent: rest.sent,
    get server() {
      return rest.server;
    },
    get store() {
      return store();
    },
    get kv() {
      return kv!;
    },
    advance: (by) => time.advance(by),
    until: (promise) => time.until(promise),
    setClock: (by) => time.setClock(by),
    open,
    elsewhere: (key, value, options) => (value === null ? store().delete(key) : store().put(key, value, options)),
    fail: () => {
      rest.wire.instead = () => refusal(500, 10_001);
    },
    recover: () => {
      rest.wire.instead = undefined;
    },
  };
}
