import type { KVNamespace as CloudflareKV, ReadableStream as CloudflareStream } from "@cloudflare/workers-types";
import { withCache, type CachedKV } from "@kvplug/cache";
import { createKV } from "@kvplug/core";
import type { KVNamespace } from "@kvplug/core/seam";
import { openKV } from "@kvplug/server";
import { describe, expectTypeOf, test } from "vitest";

declare const env: { KV: CloudflareKV; NARROW: CloudflareKV<"a" | "b"> };

describe("a cache passes for Cloudflare's own", () => {
  test("over the REST driver, the embedded store, a Worker's binding and another cache", () => {
    expectTypeOf<CachedKV>().toExtend<CloudflareKV>();
    expectTypeOf(withCache(createKV(), { max: 1 })).toExtend<CloudflareKV>();
    expectTypeOf(withCache(openKV(), { max: 1 })).toExtend<CloudflareKV>();
    expectTypeOf(withCache(env.KV, { max: 1 })).toExtend<CloudflareKV>();
    expectTypeOf(withCache(withCache(env.KV, { max: 1 }), { max: 1 })).toExtend<CloudflareKV>();
    const mine: { KV: CloudflareKV } = { KV: withCache(env.KV, { maxBytes: 1024 }) };
    expectTypeOf(mine.KV.get("a")).resolves.toEqualTypeOf<string | null>();
  });

  test("and for the seam", () => {
    expectTypeOf(withCache(env.KV, { max: 1 })).toExtend<KVNamespace>();
    expectTypeOf(withCache(env.KV, { max: 1 }).backend).toEqualTypeOf<CloudflareKV>();
    expectTypeOf(withCache(env.KV, { max: 1 }).get("a", "stream"))
      .resolves.exclude(null)
      .toExtend<CloudflareStream>();
  });

  test("a binding whose keys are narrowed", () => {
    expectTypeOf(withCache(env.NARROW, { max: 1 })).toExtend<KVNamespace>();
  });
});
