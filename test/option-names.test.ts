import { withCache } from "@kvplug/cache";
import { createStores } from "@kvplug/cache-manager";
import { kvStore } from "@kvplug/cache-manager/v5";
import { createClient, createKV } from "@kvplug/core";
import { createKeyv, KeyvKV } from "@kvplug/keyv";
import { kvDriver } from "@kvplug/keyv/bentocache";
import { KeyvKV6 } from "@kvplug/keyv/v6";
import { createGateway } from "@kvplug/gateway";
import { openKV, startServer } from "@kvplug/server";
import { KVSessions } from "@kvplug/session";
import { KVStore as ExpressStore } from "@kvplug/session/express";
import { KVStore as FastifyStore } from "@kvplug/session/fastify";
import { KVStore as KoaStore } from "@kvplug/session/koa";
import createDriver, { kvStorage } from "@kvplug/unstorage";
import { afterAll, describe, expect, test } from "vitest";

const kv = openKV();
afterAll(() => kv.close());

const SESSIONS = "prefix, ttl, touchAfter, disableTouch, serializer, hashIds, encryption, cache, durability";
const KEYV = "namespace, keyPrefixSeparator, hashLongKeys, deadline, clearBatchSize, layer";

type Opens = (...given: any[]) => unknown;

/** Each adapter: what is its own, an option that was mistyped, and the one that was meant. */
const adapters: [name: string, opens: Opens, own: string, mistyped: string, meant: string][] = [
  ["KVSessions", (...given) => new KVSessions(...given), SESSIONS, "tll", "ttl"],
  ["KVStore", (...given) => new ExpressStore(...given), SESSIONS, "tll", "ttl"],
  ["KVStore", (...given) => new FastifyStore(...given), SESSIONS, "tll", "ttl"],
  ["KVStore", (...given) => new KoaStore(...given), SESSIONS, "tll", "ttl"],
  ["KeyvKV", (...given) => new KeyvKV(...given), KEYV, "namespaze", "namespace"],
  ["KeyvKV6", (...given) => new KeyvKV6(...given), KEYV, "namespaze", "namespace"],
  ["createKeyv", createKeyv, KEYV, "namespaze", "namespace"],
  ["createStores", createStores, `lru, onError, ${KEYV}`, "lrv", "lru"],
  ["kvStore", kvStore, `lru, ttl, isCacheable, onError, ${KEYV}`, "tll", "ttl"],
  ["kvDriver", kvDriver, "prefix, deadline, hashLongKeys", "prefixx", "prefix"],
];

function messageOf(open: () => unknown): string {
  try {
    open();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("It was taken.");
}

/** The options that a message lists. */
const listed = (message: string): string[] => /It has: (.+?)\./.exec(message)![1]!.split(", ");

describe("a mistyped option is told under the name that was called, with all there are, and with the one that was meant", () => {
  test.for(adapters)("%s: %s", ([name, opens, own, mistyped, meant]) => {
    const message = messageOf(() => opens({ [mistyped]: 5 }));
    expect(message).toContain(`${name} has no option "${mistyped}". It has: `);
    expect(message).toContain(`Did you mean ${meant}?`);
    const names = listed(message);
    expect(names).toEqual(expect.arrayContaining([...own.split(", "), "kv", "accountId", "namespaceId", "apiToken"]));
    expect(new Set(names).size).toBe(names.length);
  });

  test.for(adapters)("over a namespace, where a driver's do not exist: %s", ([name, opens, own, mistyped, meant]) => {
    for (const given of [[kv, { [mistyped]: 5 }], [{ kv, [mistyped]: 5 }]]) {
      const message = messageOf(() => opens(...given));
      expect(message).toContain(`${name} over a namespace has no option "${mistyped}". It has: `);
      expect(message).toContain(`Did you mean ${meant}?`);
      expect(listed(message).toSorted()).toEqual(own.split(", ").toSorted());
    }
  });

  test("withCache, createKV, createClient and kvStorage", () => {
    expect(messageOf(() => withCache(kv, { max: 1, tll: 5 } as never))).toMatch(/^withCache .*Did you mean ttl\?$/);
    expect(messageOf(() => createKV({ acountId: "a" } as never))).toMatch(/^createKV .*Did you mean accountId\?$/);
    expect(messageOf(() => createClient({ acountId: "a" } as never))).toMatch(/^createClient .*mean accountId\?$/);
    expect(messageOf(() => kvStorage({ tll: 5 } as never))).toMatch(/^kvStorage .*Did you mean ttl\?$/);
  });

  test("createDriver, at its first call", async () => {
    await expect(createDriver({ tll: 5 } as never).getItem("a")).rejects.toThrow(
      /createDriver has no option "tll"\. It has: .*Did you mean ttl\?/,
    );
  });
});

describe("an option that is undefined was not given", () => {
  /** An object whose properties of these names are all undefined: programs pass what a variable may not hold. */
  const nothing = (names: string): any => Object.fromEntries(names.split(", ").map((name) => [name, undefined]));

  const CREDENTIALS = "accountId, namespaceId, apiToken, email, apiKey, baseURL";
  const PACE = "rateLimit, writeInterval, writeBurst, connections, allowH2, dispatcher, fetch";
  const DRIVER = `${CREDENTIALS}, timeout, deadline, retry, batch, ${PACE}`;
  const CACHE =
    "maxBytes, ttl, negativeTtl, staleWhileRevalidate, staleIfError, deadline, fetchTimeout, maxValueBytes, circuit, bus";

  test.for(adapters)("%s: %s", ([, opens, own]) => {
    const options = nothing(own);
    // Without a namespace of Keyv's own, `clear` would be of all: it says so when it is called.
    for (const given of [[kv, options], [{ kv, ...options }], [{ kv: undefined, ...nothing(DRIVER), ...options }]]) {
      expect(() => opens(...given)).not.toThrow();
    }
  });

  test("nor one within another", async () => {
    createKV({
      retry: nothing("attempts, minDelay, maxDelay"),
      batch: nothing("maxKeys, maxBytes, maxInFlight, window"),
    });
    withCache(kv, { max: 1, ...nothing(CACHE) });
    withCache(kv, {
      max: undefined,
      maxBytes: 1_000,
      staleIfError: 1,
      circuit: nothing("failures, cooldown"),
    } as never);
    await new KVSessions(kv, { cache: nothing("max, maxBytes, ttl") }).close();
    for (const open of [kvStore, createStores]) open(kv, { lru: { max: 1, ...nothing("ttl") } });
    createGateway({ namespaces: { KV: { id: "id", title: undefined } }, account: undefined, cacheTtl: undefined });
    const items = createDriver({ kv, ...nothing("base, ttl, minTTL, deadline, cache, binding, apiURL, accountId") });
    await items.setItem("a", "1", nothing("ttl, expiration, metadata"));
    await createDriver({ kv, cache: { max: 1, ...nothing(CACHE) } }).getItem("a");
    await using _server = await startServer({
      ...nothing("port, host, data, token, account, now, latency, rateLimit, consistency, seed"),
      namespaces: [{ title: "a", id: undefined }],
      writeLimit: nothing("interval, burst"),
      faults: nothing("errors, drops, html, unsuccessfulKeys"),
    });
    await using _kv = openKV(nothing("data, namespace, now"));
  });

  test.for([
    ["a local store", kv],
    ["a cache", withCache(kv, { max: 10 })],
  ] as const)("nor one of a call of %s", async ([, called]) => {
    await called.put("a", "1", nothing("expiration, expirationTtl, metadata, signal, deadline"));
    expect(await called.get("a", nothing("type, cacheTtl, signal, deadline"))).toBe("1");
    expect(await called.getWithMetadata("a", nothing("type, cacheTtl"))).toMatchObject({ value: "1", metadata: null });
    expect((await called.get(["a"], nothing("type, cacheTtl"))).get("a")).toBe("1");
    // A copy would answer what was put through the cache.
    await kv.put("b", "2");
    const stream: any = await called.get("b", { ...nothing("cacheTtl, signal, deadline"), type: "stream" });
    expect(await new Response(stream).text()).toBe("2");
    await kv.delete("b");
    expect((await called.list(nothing("prefix, limit, cursor, signal, deadline"))).keys).toEqual([{ name: "a" }]);
    await called.delete("a");
  });
});
