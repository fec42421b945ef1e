/** A client in a process of its own that reads under a request budget, and tells what came of it. */
import { setTimeout } from "node:timers/promises";
import { CLIENTS } from "./clients.ts";
import type { ClientSetup } from "./client-process.ts";
import { answerQuestions } from "./helper.ts";
import { keyOf, VALUE } from "./works.ts";

/** Longer than this no client is waited for, in milliseconds. */
const PATIENCE = 20_000;

export interface BudgetAnswer {
  readonly arrived: number;
  /** Of the reads that ended without their value. */
  readonly failed: number;
  /** In milliseconds, until the last read ended or no longer was waited for. */
  readonly elapsed: number;
}

await answerQuestions(async ({ name, address }: ClientSetup) => {
  const client = CLIENTS[name](address);
  return async (reads: number): Promise<BudgetAnswer> => {
    let [arrived, failed] = [0, 0];
    const started = performance.now();
    const read = async (i: number): Promise<void> => {
      // One that makes a miss of a failure has failed as well.
      const value = await client.get(keyOf(i)).catch(() => null);
      if (value?.length === VALUE.length) arrived++;
      else failed++;
    };
    const all = Promise.all(Array.from({ length: reads }, (_, i) => read(i)));
    await Promise.race([all, setTimeout(PATIENCE, undefined, { ref: false })]);
    return { arrived, failed, elapsed: performance.now() - started };
  };
});
