import { setTimeout as sleep } from "node:timers/promises";
import type { Milliseconds } from "@kvplug/core/seam";

/** For what never comes: no machine is so slow. */
const LIMIT: Milliseconds = 60_000;

/** A failed check costs half a millisecond: who waits longer is asked less often. */
const LONGEST_PAUSE: Milliseconds = 20;

/** Resolves with what a check returns as soon as it passes, and rejects with why it does not once there is no more hope. */
export async function eventually<Result>(check: () => Result | Promise<Result>): Promise<Result> {
  const end = process.hrtime.bigint() + BigInt(LIMIT) * 1_000_000n;
  for (let pause: Milliseconds = 1; ; pause = Math.min(1.5 * pause, LONGEST_PAUSE)) {
    try {
      return await check();
    } catch (error) {
      if (process.hrtime.bigint() > end) throw error;
    }
    // The timers of Node itself: no clock that a test moves or stops.
    await sleep(pause);
  }
}
