import type { KVRateLimitOptions } from "@kvplug/core";
import { reasonOf } from "@kvplug/core/seam";
import type { Milliseconds, Seconds } from "@kvplug/core/seam";
import { createClient } from "@redis/client";
import { RateLimiterMemory, RateLimiterRedis } from "rate-limiter-flexible";
import type { ProxyLog } from "../log.ts";
import { PermitRing } from "./permit-ring.ts";
import { SharedBudget } from "./shared-budget.ts";

/** All that is kept in Redis begins so. */
const PREFIX = "kvplug:budget";

/** For how long a request may be on its way: the driver's `timeout`, about. */
const FLIGHT: Seconds = 30;

/** How long the start waits for Redis. */
const PATIENCE: Milliseconds = 2000;

/** A budget in Redis, and how one lets go of it. */
export interface RedisBudget {
  readonly shared: SharedBudget;
  close(): Promise<void>;
}

/**
 * Opens the budget that proxies share in a Redis. Where that is away, now or later, each keeps to its part.
 *
 * @param proxies How many there are.
 */
export async function openRedisBudget(
  url: string,
  { requests, window }: KVRateLimitOptions,
  proxies: number,
  log: ProxyLog,
): Promise<RedisBudget> {
  const redis = createClient({ url, disableOfflineQueue: true });
  // Each command fails by itself, which is reported below.
  redis.on("error", () => {});
  const connected = redis.connect().catch(() => {});
  await Promise.race([connected, new Promise((resolve) => setTimeout(resolve, PATIENCE).unref())]);

  const seconds = Math.ceil(window / 1000);
  const permit = { points: 1, duration: seconds };
  const common = new RateLimiterRedis({
    ...permit,
    storeClient: redis,
    useRedisPackage: true,
    rejectIfRedisNotReady: true,
    keyPrefix: PREFIX,
  });
  const ring = { window: seconds, flight: FLIGHT };
  let ticket = 0;
  const shared = new SharedBudget(
    new PermitRing(common, { ...ring, size: requests }, () => redis.incr(`${PREFIX}:next`)),
    new PermitRing(new RateLimiterMemory(permit), { ...ring, size: shareOf(requests, proxies) }, async () => ticket++),
    {
      onAway: (error) => log.warn({ reason: reasonOf(error) }, "redis is away: keeping to the own part of the budget"),
      onBack: () => log.info({}, "redis is back: sharing the budget"),
    },
  );
  return {
    shared,
    async close() {
      await shared.close();
      redis.destroy();
    },
  };
}

/** The part of a budget that each of so many proxies may spend without asking the others. */
export function shareOf(requests: number, proxies: number): number {
  return Math.max(1, Math.floor(requests / proxies));
}
