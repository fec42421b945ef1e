import "reflect-metadata";
import { kvStore } from "@kvplug/cache-manager/v5";
import { createKV } from "@kvplug/core";
import { CACHE_MANAGER, CacheModule } from "@nestjs/cache-manager";
import { type DynamicModule, Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import type { Cache } from "cache-manager";

@Module({})
class App {}

/** When a key expires that an app sets without a ttl of its own, in seconds from now; `undefined`: never. */
async function expiryWith(cacheModule: DynamicModule, key: string): Promise<number | undefined> {
  const app = await NestFactory.createApplicationContext({ module: App, imports: [cacheModule] }, { logger: false });
  const cache = app.get<Cache>(CACHE_MANAGER);
  await cache.set(key, { plan: "free" });
  expect(await cache.get(key)).toEqual({ plan: "free" });
  await (cache.store as unknown as ReturnType<typeof kvStore>).disconnect();
  await app.close();
  const kv = createKV();
  const [listed] = (await kv.list({ prefix: key })).keys;
  await kv.close();
  return listed?.expiration === undefined ? undefined : listed.expiration - Math.floor(Date.now() / 1000);
}

describe("a NestJS 10 app under jest", () => {
  it("takes the factory, with what NestJS adds", async () => {
    const left = await expiryWith(CacheModule.register({ store: kvStore, max: 100, ttl: 300_000 }), "factory");
    expect(left).toBeGreaterThan(200);
    expect(left).toBeLessThanOrEqual(300);
  });

  it("takes a store, and has what it keeps expire by the module's ttl", async () => {
    const left = await expiryWith(CacheModule.register({ store: kvStore(), ttl: 300_000, isGlobal: true }), "store");
    expect(left).toBeGreaterThan(200);
    expect(left).toBeLessThanOrEqual(300);
  });

  it("leaves a store the ttl that it was given", async () => {
    const left = await expiryWith(CacheModule.register({ store: kvStore({ ttl: 900_000 }) }), "own");
    expect(left).toBeGreaterThan(800);
  });
});
