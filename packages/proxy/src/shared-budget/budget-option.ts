import type { KVClientOptions, KVRateLimitOptions } from "@kvplug/core";
import { CLOUDFLARE_RATE_LIMIT, KVError, checkOptionNames, describe } from "@kvplug/core/seam";
import type { ProxyLog } from "../log.ts";
import { openRedisBudget, shareOf } from "./redis-budget.ts";

/** How several proxies share one request budget. */
export interface ProxyBudgetOptions {
  /** How many proxies there are. Each may always spend its part: the budget divided by this. */
  proxies: number;
  /**
   * The URL of a Redis through which they share the whole budget: what one does not need, another may spend. Use one
   * database per Cloudflare user. Default: none; each keeps to its part.
   */
  redis?: string | undefined;
}

/** The budget for the driver, and how to release it. */
export interface OpenBudget {
  readonly rateLimit: KVClientOptions["rateLimit"];
  close(): Promise<void>;
}

/** Throws for an invalid budget. */
export function checkBudget(budget: unknown, rateLimit: KVClientOptions["rateLimit"]): void {
  if (budget === undefined) return;
  checkOptionNames("budget", budget as object, ["proxies", "redis"]);
  const { proxies, redis } = budget as ProxyBudgetOptions;
  if (!Number.isSafeInteger(proxies) || proxies < 1)
    throw new KVError("KV_INVALID", `budget.proxies must be a whole number above 0, not ${describe(proxies)}.`);
  if (redis !== undefined && !(typeof redis === "string" && /^rediss?:\/\//.test(redis) && URL.canParse(redis)))
    throw new KVError("KV_INVALID", "budget.redis must be a URL such as redis://127.0.0.1:6379.");
  if (rateLimit === false)
    throw new KVError("KV_INVALID", "A budget cannot be shared if upstream.rateLimit is false. Leave one of them out.");
}

/** The budget of this proxy. */
export async function openBudget(
  budget: ProxyBudgetOptions | undefined,
  rateLimit: KVClientOptions["rateLimit"],
  log: ProxyLog,
): Promise<OpenBudget> {
  if (budget === undefined) return { rateLimit, close: () => Promise.resolve() };
  const { proxies, redis } = budget;
  const whole: KVRateLimitOptions = rateLimit === undefined || rateLimit === false ? CLOUDFLARE_RATE_LIMIT : rateLimit;
  if (redis === undefined) {
    return { rateLimit: { ...whole, requests: shareOf(whole.requests, proxies) }, close: () => Promise.resolve() };
  }
  const opened = await openRedisBudget(redis, whole, proxies, log);
  return { rateLimit: { ...whole, shared: opened.shared }, close: () => opened.close() };
}
