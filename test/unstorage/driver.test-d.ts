import type { KVNamespace as WorkersKVNamespace } from "@cloudflare/workers-types";
import createDriver, { kvStorage, type KVStorageDriver } from "@kvplug/unstorage";
import type { Driver as Driver1 } from "unstorage";
import type { Driver as Driver2 } from "unstorage-2";
import { expectTypeOf, test } from "vitest";

test("it is a driver of both lines", () => {
  expectTypeOf<KVStorageDriver>().toExtend<Driver1>();
  expectTypeOf<KVStorageDriver>().toExtend<Driver2>();
  expectTypeOf(createDriver).toBeCallableWith();
});

test("a Worker's binding is a binding", () => {
  void createDriver({ binding: {} as WorkersKVNamespace });
  void createDriver({ kv: {} as WorkersKVNamespace });
  void createDriver({ binding: "STORAGE", cache: { max: 10 } });
});

test("what does not exist does not compile", () => {
  // @ts-expect-error: it is called minTTL
  void createDriver({ minTtl: 60 });
  // @ts-expect-error: seconds
  void createDriver({ ttl: "60s" });
  // @ts-expect-error: a cache has a bound
  void createDriver({ cache: { ttl: 60_000 } });
});

test("a config holds JSON, and no secrets", () => {
  expectTypeOf(kvStorage({ base: "cache" }).driver).toEqualTypeOf<"@kvplug/unstorage">();
  // @ts-expect-error: it would be in the build
  void kvStorage({ apiToken: "secret" });
  // @ts-expect-error: it is no JSON
  void kvStorage({ kv: {} as WorkersKVNamespace });
  // @ts-expect-error: it does not exist
  void kvStorage({ maxAge: 60 });
});
