import { withCache, type CachedKV, type CacheEvent, type CacheStats } from "@kvplug/cache";
import type { KV } from "@kvplug/core";
import type { KVEntry, KVNamespace } from "@kvplug/core/seam";
import { describe, expectTypeOf, test } from "vitest";

declare const kv: KV;
declare const cached: CachedKV<KV>;

interface User {
  name: string;
}

describe("a bound is demanded", () => {
  test("one of them, or both", () => {
    void withCache(kv, { max: 10 });
    void withCache(kv, { maxBytes: 1024 });
    void withCache(kv, { max: 10, maxBytes: 1024, ttl: 1000 });
  });

  test("and none does not compile", () => {
    // @ts-expect-error: no options
    void withCache(kv);
    // @ts-expect-error: no bound
    void withCache(kv, {});
    // @ts-expect-error: no bound
    void withCache(kv, { ttl: 60_000, staleIfError: 1000 });
    // @ts-expect-error: undefined is none
    void withCache(kv, { max: undefined });
  });
});

describe("what cannot be does not compile", () => {
  test("options", () => {
    // @ts-expect-error: it is called ttl
    void withCache(kv, { max: 10, maxAge: 60 });
    // @ts-expect-error: milliseconds
    void withCache(kv, { max: 10, ttl: "60s" });
    // @ts-expect-error: either false or how
    void withCache(kv, { max: 10, staleIfError: 1000, circuit: true });
    // @ts-expect-error
    void withCache(kv, { max: 10, bus: {} });
    // @ts-expect-error: no KVNamespace
    void withCache(new Map(), { max: 10 });
    void withCache(kv, { max: 10, tags: true });
    // @ts-expect-error: either true or how
    void withCache(kv, { max: 10, tags: false });
  });

  test("arguments", () => {
    // @ts-expect-error: no value, but what makes one
    void cached.wrap("a", { name: "Ada" });
    // @ts-expect-error: KV's own ttl is not that of wrap
    void cached.wrap("a", () => 1, { expirationTtl: 60 });
    // @ts-expect-error
    cached.invalidate({ key: "a" });
    void cached.put("a", "1", { tags: ["one"] as const });
    // @ts-expect-error: an array
    void cached.put("a", "1", { tags: "one" });
    // @ts-expect-error: an array
    void cached.invalidateTags("one");
    // @ts-expect-error: the driver itself keeps no tags
    void kv.put("a", "1", { tags: ["one"] });
    // @ts-expect-error
    void cached.get("a", "blob");
  });
});

describe("what comes of it", () => {
  test("a KVNamespace, whatever stands behind it", () => {
    expectTypeOf<CachedKV>().toExtend<KVNamespace>();
    expectTypeOf(withCache(kv, { max: 10 })).toEqualTypeOf<CachedKV<KV>>();
    expectTypeOf(withCache(cached, { max: 10 }).backend.backend).toEqualTypeOf<KV>();
    expectTypeOf(cached).toExtend<AsyncDisposable>();
  });

  test("reads are those of the seam", () => {
    expectTypeOf(cached.get("a")).resolves.toEqualTypeOf<string | null>();
    expectTypeOf(cached.get<User>("a", "json")).resolves.toEqualTypeOf<User | null>();
    expectTypeOf(cached.get(["a"])).resolves.toEqualTypeOf<Map<string, string | null>>();
    expectTypeOf(cached.getWithMetadata<User, number>("a", "json")).resolves.toEqualTypeOf<KVEntry<User, number>>();
    expectTypeOf(cached.get("a", "stream")).resolves.exclude(null).toExtend<ReadableStream>();
  });

  test("wrap gives what the factory makes", () => {
    expectTypeOf(cached.wrap("a", () => ({ name: "Ada" }))).resolves.toEqualTypeOf<User>();
    expectTypeOf(cached.getOrSet("a", async () => 1, { ttl: 1000 })).resolves.toEqualTypeOf<number>();
    expectTypeOf(cached.wrap("a", async (): Promise<User | undefined> => undefined)).resolves.toEqualTypeOf<
      User | undefined
    >();
  });

  test("figures and events", () => {
    expectTypeOf(cached.stats()).toEqualTypeOf<CacheStats>();
    expectTypeOf<keyof CacheStats>().toEqualTypeOf<
      | "hits"
      | "misses"
      | "stale"
      | "coalesced"
      | "backendReads"
      | "evictions"
      | "tooLarge"
      | "errors"
      | "entries"
      | "bytes"
    >();
    expectTypeOf<CacheEvent["type"]>().toEqualTypeOf<
      "hit" | "miss" | "stale" | "evict" | "invalidate" | "error" | "circuit"
    >();
  });
});
