import { createKeyv, KeyvKV, type KVKeyv } from "@kvplug/keyv";
import { kvDriver, type KVDriver } from "@kvplug/keyv/bentocache";
import { KeyvKV6 } from "@kvplug/keyv/v6";
import type { CreateDriverResult, L2CacheDriver } from "bentocache/types";
import { Cacheable } from "cacheable";
import { Keyv, type KeyvStoreAdapter } from "keyv";
import { Keyv as Keyv6, type KeyvStorageAdapter } from "keyv6";
import { describe, expectTypeOf, test } from "vitest";

describe("the contracts that the adapters meet", () => {
  test("are Keyv 5's, all of it", () => {
    expectTypeOf<KeyvKV>().toExtend<KeyvStoreAdapter>();
    expectTypeOf<KeyvKV>().toExtend<Required<Omit<KeyvStoreAdapter, "namespace">>>();
    expectTypeOf(new Keyv(new KeyvKV())).toEqualTypeOf<Keyv>();
    expectTypeOf(new Keyv(new KeyvKV(), { namespace: "users" })).toEqualTypeOf<Keyv>();
    expectTypeOf(new Keyv({ store: new KeyvKV() })).toEqualTypeOf<Keyv>();
  });

  test("are Keyv 6's, all of it", () => {
    expectTypeOf<KeyvKV6>().toExtend<KeyvStorageAdapter>();
    expectTypeOf<KeyvKV6>().toExtend<Required<Omit<KeyvStorageAdapter, "namespace">>>();
    expectTypeOf(new Keyv6(new KeyvKV6(), { namespace: "users" })).toEqualTypeOf<Keyv6>();
    expectTypeOf(new Keyv6({ store: new KeyvKV() })).toEqualTypeOf<Keyv6>();
  });

  test("are cacheable's", () => {
    expectTypeOf(new Cacheable({ secondary: new KeyvKV() })).toEqualTypeOf<Cacheable>();
    expectTypeOf(new Cacheable({ secondary: createKeyv() })).toEqualTypeOf<Cacheable>();
    expectTypeOf<KVKeyv>().toExtend<Keyv>();
  });

  test("tell of setMany what each Keyv wants to know", () => {
    expectTypeOf<Awaited<ReturnType<KeyvKV["setMany"]>>>().toExtend<boolean[]>();
  });

  test("are BentoCache's", () => {
    expectTypeOf<KVDriver>().toExtend<L2CacheDriver>();
    expectTypeOf(kvDriver).returns.toExtend<CreateDriverResult<L2CacheDriver>>();
  });
});
