import { createKV } from "@kvplug/core";
import type { Address } from "./clients.ts";
import { Helper } from "./helper.ts";
import type { ServerQuestion, ServerSetup } from "./server-process.ts";
import { get } from "./works.ts";

const LIMIT = { requests: 120, window: 3_000 };
const READS = 50_000;
const KEYS_PER_REQUEST = 100;

/** What became of {@link READS} reads of one tick under {@link LIMIT}. Times are in milliseconds. */
export interface BudgetResult {
  readonly reads: number;
  readonly limit: { readonly requests: number; readonly window: number };
  readonly elapsed: number;
  /** The start of the window in which the last request may be sent at the earliest. */
  readonly demanded: number;
  readonly requests: number;
  readonly refused: number;
}

/** Reads far more than the budget of a window serves, without telling the client what the budget is. */
export async function underBudget(): Promise<BudgetResult> {
  await using server = new Helper("server-process.ts", { keys: READS, rateLimit: LIMIT } satisfies ServerSetup);
  const address = await server.ask<Address>("address" satisfies ServerQuestion);
  await using kv = createKV({ ...address, apiToken: "bench" });
  const started = performance.now();
  await Promise.all(Array.from({ length: READS }, (_, i) => get(kv, i)));
  const elapsed = performance.now() - started;
  const { requests, rateLimited: refused } = kv.stats();
  const fullWindows = Math.ceil(READS / KEYS_PER_REQUEST / LIMIT.requests) - 1;
  return { reads: READS, limit: LIMIT, elapsed, demanded: fullWindows * LIMIT.window, requests, refused };
}
