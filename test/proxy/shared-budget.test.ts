import { createProxy, type ProxyOptions, type RunningProxy } from "@kvplug/proxy";
import { startServer } from "@kvplug/server";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { askURL } from "../support/proxy.ts";
import { needRedis, Redis } from "../support/redis.ts";
import { accountOf, TOKEN } from "../support/rest.ts";

const HOUR = 3_600_000;

/** Proxies in front of a server, one per set of options, all with this budget. */
async function startProxies(
  requests: number,
  budget: NonNullable<ProxyOptions["budget"]>,
  log?: ProxyOptions["log"],
): Promise<AsyncDisposable & { proxies: RunningProxy[]; status(proxy: number): Promise<number>; sent(): number }> {
  const server = await startServer({ token: TOKEN, namespaces: ["test"] });
  const upstream = { ...accountOf(server), rateLimit: { requests, window: HOUR } };
  const proxies: RunningProxy[] = [];
  for (let i = 0; i < 3; i++) proxies.push(await createProxy({ upstream, budget, log }));
  const path = `/accounts/local/storage/kv/namespaces/${server.namespaces[0]!.id}/keys`;
  return {
    proxies,
    status: async (i) => (await askURL(proxies[i]!.url + path, "GET", { headers: { prefer: "wait=1" } })).status,
    sent: () => server.requests.total,
    async [Symbol.asyncDispose]() {
      await Promise.all(proxies.map((proxy) => proxy.close()));
      await server.close();
    },
  };
}

test("without a Redis, each keeps to its part", async () => {
  await using started = await startProxies(12, { proxies: 3 });
  // Each has looked for upstream at its start.
  for (const proxy of [0, 1, 2]) for (const left of [3, 2, 1]) expect([left, await started.status(proxy)]).toEqual([left, 200]);
  expect(await started.status(0)).toBe(429);
  expect(started.sent()).toBe(12);
});

test("in a Redis, one may spend what the others do not, and none more than all", async (context) => {
  needRedis(context);
  await using redis = await Redis.start("a-password");
  const url = `redis://:a-password@127.0.0.1:${redis.port}`;
  await using started = await startProxies(12, { proxies: 3, redis: url });
  for (let i = 0; i < 9; i++) expect(await started.status(0)).toBe(200);
  for (const proxy of [0, 1, 2]) expect(await started.status(proxy)).toBe(429);
  expect(started.sent()).toBe(12);
});

test("while Redis is away, each keeps to its part, and says so once", async (context) => {
  needRedis(context);
  const warnings: string[] = [];
  const ignore = (): void => {};
  const log = { debug: ignore, info: ignore, warn: (_: object, message: string) => void warnings.push(message) };
  await using redis = await Redis.start("a-password");
  const url = `redis://:a-password@127.0.0.1:${redis.port}`;
  await using started = await startProxies(30, { proxies: 3, redis: url }, log);
  expect(await started.status(0)).toBe(200);
  redis.kill();
  // 10 each; a permit of Redis may have been at hand.
  const statuses: number[] = [];
  for (let i = 0; i < 12; i++) statuses.push(await started.status(0));
  expect(statuses.slice(0, 10)).toEqual(Array(10).fill(200));
  expect(statuses[11]).toBe(429);
  await eventually(() => expect(warnings.filter((message) => message.includes("away"))).toHaveLength(1));
});
