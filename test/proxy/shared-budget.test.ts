import { createProxy, type ProxyOptions, type RunningProxy } from "@kvplug/proxy";
import { startServer } from "@kvplug/server";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-port.ts";
import { askURL, type ProxyAnswer } from "../support/proxy.ts";
import { needRedis, Redis } from "../support/redis.ts";
import { accountOf, TOKEN } from "../support/rest.ts";

const HOUR = 3_600_000;

/** Proxies in front of a server, one per set of options, all with this budget. */
async function startProxies(
  requests: number,
  budget: NonNullable<ProxyOptions["budget"]>,
  log?: ProxyOptions["log"],
): Promise<
  AsyncDisposable & {
    proxies: RunningProxy[];
    answered(proxy: number, asked: number, least: number): Promise<number>;
    sent(): number;
  }
> {
  const server = await startServer({ token: TOKEN, namespaces: ["test"] });
  const upstream = { ...accountOf(server), rateLimit: { requests, window: HOUR } };
  const proxies: RunningProxy[] = [];
  for (let i = 0; i < 3; i++) proxies.push(await createProxy({ upstream, budget, log }));
  const path = `/accounts/local/storage/kv/namespaces/${server.namespaces[0]!.id}/keys`;
  return {
    proxies,
    /**
     * Asks so often at once, and again where a slow machine answered fewer than there must be before the others gave
     * up. Resolves with how many were answered.
     */
    async answered(i, asked, least) {
      const ask = (): Promise<ProxyAnswer> => askURL(proxies[i]!.url + path, "GET", { headers: { prefer: "wait=5" } });
      let all = 0;
      do {
        const answers = await Promise.all(Array.from({ length: asked }, ask));
        all += answers.filter(({ status }) => status === 200).length;
      } while (all < least);
      return all;
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
  for (const answered of await Promise.all([0, 1, 2].map((proxy) => started.answered(proxy, 45, 25)))) {
    // What is left of the last quarter goes slowly.
    expect(answered).toBeLessThan(40);
  }
});

test("in a Redis, one may spend what the others do not, and all together no more than there is", async (context) => {
  needRedis(context);
  await using redis = await Redis.start("a-password");
  const url = `redis://:a-password@127.0.0.1:${redis.port}`;
  await using started = await startProxies(120, { proxies: 3, redis: url });
  await started.answered(0, 110, 76);
  while (started.sent() < 120) await Promise.all([started.answered(1, 60, 0), started.answered(2, 60, 0)]);
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
  const answered = await started.answered(0, 60, 40);
  expect(answered).toBeLessThanOrEqual(41);
  await eventually(() => expect(warnings.filter((message) => message.includes("away"))).toHaveLength(1));
});

test("a Redis that is away at the start holds up neither start nor end", async () => {
  const port = await freePort();
  const warnings: string[] = [];
  const ignore = (): void => {};
  const log = { debug: ignore, info: ignore, warn: (_: object, message: string) => void warnings.push(message) };
  await using server = await startServer({ token: TOKEN, namespaces: ["test"] });
  const budget = { proxies: 3, redis: `redis://:a-password@127.0.0.1:${port}` };
  const proxy = await createProxy({ upstream: accountOf(server), budget, log });
  const path = `/accounts/local/storage/kv/namespaces/${server.namespaces[0]!.id}/keys`;
  expect((await askURL(proxy.url + path)).status).toBe(200);
  expect(warnings.join()).toContain("away");
  expect(warnings.join()).not.toContain("a-password");
  await proxy.close();
});
