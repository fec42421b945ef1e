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
): Promise<
  AsyncDisposable & { proxies: RunningProxy[]; untilRefused(proxy: number): Promise<number>; sent(): number }
> {
  const server = await startServer({ token: TOKEN, namespaces: ["test"] });
  const upstream = { ...accountOf(server), rateLimit: { requests, window: HOUR } };
  const proxies: RunningProxy[] = [];
  for (let i = 0; i < 3; i++) proxies.push(await createProxy({ upstream, budget, log }));
  const path = `/accounts/local/storage/kv/namespaces/${server.namespaces[0]!.id}/keys`;
  return {
    proxies,
    /** Asks one by one; resolves with how many were answered before the first that was not, in a second. */
    async untilRefused(i) {
      for (let answered = 0; ; answered++) {
        const { status } = await askURL(proxies[i]!.url + path, "GET", { headers: { prefer: "wait=1" } });
        if (status === 429) return answered;
        expect(status).toBe(200);
      }
    },
    sent: () => server.requests.total,
    async [Symbol.asyncDispose]() {
      await Promise.all(proxies.map((proxy) => proxy.close()));
      await server.close();
    },
  };
}

test("without a Redis, each keeps to its part", async () => {
  await using started = await startProxies(120, { proxies: 3 });
  for (const proxy of [0, 1, 2]) {
    const answered = await started.untilRefused(proxy);
    // What is left of the last quarter goes slowly.
    expect(answered).toBeGreaterThanOrEqual(25);
    expect(answered).toBeLessThan(40);
  }
});

test("in a Redis, one may spend what the others do not, and all together no more than there is", async (context) => {
  needRedis(context);
  await using redis = await Redis.start("a-password");
  const url = `redis://:a-password@127.0.0.1:${redis.port}`;
  await using started = await startProxies(120, { proxies: 3, redis: url });
  expect(await started.untilRefused(0)).toBeGreaterThan(75);
  await Promise.all([started.untilRefused(1), started.untilRefused(2)]);
  expect(started.sent()).toBe(120);
});

test("while Redis is away, each keeps to its part, and says so once", async (context) => {
  needRedis(context);
  const warnings: string[] = [];
  const ignore = (): void => {};
  const log = { debug: ignore, info: ignore, warn: (_: object, message: string) => void warnings.push(message) };
  await using redis = await Redis.start("a-password");
  const url = `redis://:a-password@127.0.0.1:${redis.port}`;
  await using started = await startProxies(120, { proxies: 3, redis: url }, log);
  redis.kill();
  // Forty each; a permit of Redis's may have been at hand.
  const answered = await started.untilRefused(0);
  expect(answered).toBeGreaterThanOrEqual(40);
  expect(answered).toBeLessThanOrEqual(41);
  await eventually(() => expect(warnings.filter((message) => message.includes("away"))).toHaveLength(1));
});
