import type { KeyvKV } from "@kvplug/keyv";
import { kvDriver, type KVDriver } from "@kvplug/keyv/bentocache";
import type { KeyvKV6 } from "@kvplug/keyv/v6";
import type { CreateDriverResult, L2CacheDriver } from "bentocache/types";
import type { KeyvStoreAdapter } from "keyv";
import type { KeyvStorageAdapter } from "keyv6";
import { describe, expectTypeOf, test } from "vitest";

describe("the contracts that the adapters meet", () => {
  test("are Keyv 5's", () => {
    expectTypeOf<KeyvKV["delete"]>().toExtend<KeyvStoreAdapter["delete"]>();
    expectTypeOf<KeyvKV["deleteMany"]>().toExtend<Required<KeyvStoreAdapter>["deleteMany"]>();
    expectTypeOf<KeyvKV["hasMany"]>().toExtend<Required<KeyvStoreAdapter>["hasMany"]>();
    expectTypeOf<KeyvKV["clear"]>().toExtend<KeyvStoreAdapter["clear"]>();
  });

  test("are Keyv 6's", () => {
    expectTypeOf<KeyvKV6["set"]>().toExtend<KeyvStorageAdapter["set"]>();
    expectTypeOf<KeyvKV6["setMany"]>().toExtend<KeyvStorageAdapter["setMany"]>();
    expectTypeOf<KeyvKV6["deleteMany"]>().toExtend<KeyvStorageAdapter["deleteMany"]>();
    expectTypeOf<KeyvKV6["hasMany"]>().toExtend<KeyvStorageAdapter["hasMany"]>();
    expectTypeOf<KeyvKV6["capabilities"]>().toExtend<NonNullable<KeyvStorageAdapter["capabilities"]>>();
  });

  test("are BentoCache's", () => {
    expectTypeOf<KVDriver>().toExtend<L2CacheDriver>();
    expectTypeOf(kvDriver).returns.toExtend<CreateDriverResult<L2CacheDriver>>();
  });
});
