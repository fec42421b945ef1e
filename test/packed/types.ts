// What users write of each package, as types: compiled by each TypeScript that the packages support, in a project of the
// packed packages, with the declarations of all that they import. It is never run.
import * as cache from "@kvplug/cache";
import { createStores } from "@kvplug/cache-manager";
import { kvStore } from "@kvplug/cache-manager/v5";
import * as core from "@kvplug/core";
import * as seam from "@kvplug/core/seam";
import * as gateway from "@kvplug/gateway";
import { createKeyv, KeyvKV, type KVKeyv } from "@kvplug/keyv";
import { kvDriver } from "@kvplug/keyv/bentocache";
import { KeyvKV6 } from "@kvplug/keyv/v6";
import * as server from "@kvplug/server";
import * as routes from "@kvplug/server/routes";
import * as session from "@kvplug/session";
import * as express from "@kvplug/session/express";
import * as fastify from "@kvplug/session/fastify";
import * as koa from "@kvplug/session/koa";
import createDriver from "@kvplug/unstorage";
import { BentoCache, bentostore } from "bentocache";
import { createCache } from "cache-manager-7";
import { caching } from "cache-manager-5";
import { createCache as createCache6 } from "cache-manager-6";
import { Cacheable } from "cacheable";
import { Keyv, type KeyvStoreAdapter } from "keyv";
import { Keyv as Keyv6, type KeyvStorageAdapter } from "keyv6";
import { createStorage } from "unstorage";

/** Every entry's declarations are loaded. */
export const entries: object[] = [cache, core, seam, gateway, server, routes, session, express, fastify, koa];

const kv: core.KV = core.createKV();
const cached: core.KVNamespace = cache.withCache(kv, { max: 10 });

export const adapters: KeyvStoreAdapter[] = [new KeyvKV(), new KeyvKV(kv), new KeyvKV(cached, { namespace: "users" })];
export const adapters6: KeyvStorageAdapter[] = [new KeyvKV6(), new KeyvKV6(kv, { namespace: "users", deadline: 500 })];
export const whole: Required<Omit<KeyvStoreAdapter, "namespace">> = new KeyvKV();
export const whole6: Required<Omit<KeyvStorageAdapter, "namespace">> = new KeyvKV6();

export const keyvs: Keyv[] = [
  new Keyv(new KeyvKV()),
  new Keyv(new KeyvKV(), { namespace: "users" }),
  new Keyv({ store: new KeyvKV(), ttl: 60_000 }),
  createKeyv({ namespace: "users" }),
];
export const keyvs6: Keyv6[] = [
  new Keyv6(new KeyvKV()),
  new Keyv6(new KeyvKV6(), { namespace: "users" }),
  new Keyv6({ store: new KeyvKV() }),
];

export const caches: unknown[] = [
  new Cacheable({ secondary: new KeyvKV() }),
  new Cacheable({ secondary: createKeyv() }),
  createCache({ stores: createStores({ lru: { max: 10 } }) }),
  createCache6({ stores: createStores(kv) }),
  caching(kvStore(kv, { ttl: 60_000 })),
  caching(kvStore, { kv, ttl: 60_000, refreshThreshold: 5_000 }),
  new BentoCache({ default: "kv", stores: { kv: bentostore().useL2Layer(kvDriver(kv)) } }),
  createStorage({ driver: createDriver({ base: "app" }) }),
];

export async function use(store: KeyvKV, store6: KeyvKV6, keyv: KVKeyv): Promise<void> {
  const text: string | undefined = await store.get("a");
  const texts: (string | undefined)[] = await store6.getMany(["a"]);
  const written: boolean[] = await store.setMany([{ key: "a", value: "1", ttl: 5_000 }]);
  const written6: boolean[] = await store6.setMany([{ key: "a", value: "1", expires: Date.now() }]);
  const deleted: [boolean, boolean, boolean[]] = [
    await store.delete("a"),
    await store.deleteMany(["a"]),
    await store6.deleteMany(["a"]),
  ];
  for await (const key of keyv.keys("user:")) entries.push({ key: key.toUpperCase() });
  for await (const [key, value] of store.iterator()) entries.push({ key, value: value.length });
  await keyv.deleteByPrefix("user:");
  store.on("error", (error) => entries.push({ text, texts, written, written6, deleted, error }));
}
