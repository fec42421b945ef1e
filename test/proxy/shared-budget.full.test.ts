import { createProxy } from "@kvplug/proxy";
import { createRoutes, openKV, type StoreNamespace } from "@kvplug/server";
import { expect, test } from "vitest";
import { askURL } from "../support/proxy.ts";
import { needRedis, Redis } from "../support/redis.ts";

const REQUESTS = 120;
const WINDOW = 3000;

/** The most that came within a window, wherever it begins. */
function mostWithin(window: number, times: readonly number[]): number {
  let most = 0;
  for (let first = 0, last = 0; last < times.length; last++) {
    while (times[last]! - times[first]! >= window) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

test("three proxies never spend more than the budget in any window, and nearly all of it", async (context) => {
  needRedis(context);
  await using redis = await Redis.start("a-password");
  await using kv = openKV();
  const info = { id: "n", title: "n" };
  const namespaces = { list: () => [info], get: () => info, open: () => kv as StoreNamespace } as any;
  const app = createRoutes({ namespaces });
  const times: number[] = [];
  const upstream = {
    accountId: "a",
    apiToken: "any",
    rateLimit: { requests: REQUESTS, window: WINDOW },
    fetch: async (input: any, init: any) => {
      times.push(performance.now());
      return app.request(input, init);
    },
  };
  const budget = { proxies: 3, redis: `redis://:a-password@127.0.0.1:${redis.port}` };
  const proxies = await Promise.all([1, 2, 3].map(() => createProxy({ upstream, budget })));
  const end = performance.now() + 10 * WINDOW;
  const loop = async (url: string): Promise<void> => {
    // Listings share no request.
    while (performance.now() < end) {
      expect((await askURL(`${url}/accounts/a/storage/kv/namespaces/n/keys`)).status).toBe(200);
    }
  };
  await Promise.all(proxies.flatMap(({ url }) => Array.from({ length: 20 }, () => loop(url))));
  await Promise.all(proxies.map((proxy) => proxy.close()));
  const within = times.filter((time) => time < end);
  expect(mostWithin(WINDOW, times)).toBeLessThanOrEqual(REQUESTS);
  const share = within.length / (((end - within[0]!) / WINDOW) * REQUESTS);
  expect(share).toBeGreaterThanOrEqual(0.9);
});
