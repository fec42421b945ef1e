import { LIMITS_HEADER, MAX_BULK_KEYS, formatLimits } from "@kvplug/core/seam";
import type { KVBudget } from "@kvplug/core";
import { setHeader } from "@kvplug/server/http";
import { BudgetSpent } from "@kvplug/server/upstream";
import type { MiddlewareHandler } from "hono";

/**
 * What a driver in front is to keep to: bulk writes as upstream takes them, since each costs a request of the budget,
 * and no budget or pace of its own. Bodies are smaller than upstream allows: many of them are in memory here.
 */
const LIMITS: string = formatLimits({ bulkKeys: MAX_BULK_KEYS, bulkBytes: 25_000_000, writeInterval: 0 });

/** Tells with each answer what is left of the budget of all callers, and when to come back where it is nothing. */
export function tellBudget(budget: () => KVBudget | undefined): MiddlewareHandler {
  return async (c, next) => {
    setHeader(c, LIMITS_HEADER, LIMITS);
    await next();
    const known = budget();
    const spent = c.error instanceof BudgetSpent ? c.error : undefined;
    if (spent) setHeader(c, "Retry-After", String(Math.ceil(spent.retryAfter)));
    if (known === undefined) return;
    const { requests, window, left, opensIn } = known;
    const isOpen = spent === undefined && opensIn === 0;
    // Of what is left each takes what it needs: it lasts for no longer than the window.
    const seconds = Math.max(1, Math.ceil((isOpen ? window : opensIn) / 1000));
    const remaining = isOpen ? Math.floor(left) : 0;
    setHeader(c, "Ratelimit", `"default";r=${remaining};t=${spent ? Math.ceil(spent.retryAfter) : seconds}`);
    setHeader(c, "Ratelimit-Policy", `"default";q=${requests};w=${Math.ceil(window / 1000)}`);
  };
}
