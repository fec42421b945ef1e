import type { Milliseconds } from "@kvplug/core/seam";
import { isTooFast } from "./binding-errors.ts";
import { MAX_OPERATIONS } from "./limits.ts";

/** How often KV takes a write of one key. */
const WRITE_INTERVAL: Milliseconds = 1000;

/** How often a write is tried that comes too soon after another of its key. */
const ATTEMPTS = 4;

/** The writes that one invocation of the Worker may still make. */
export class Operations {
  #left: number = MAX_OPERATIONS;

  /** How many of so many writes may be made: these are taken. */
  take(count: number): number {
    const taken = Math.min(count, this.#left);
    this.#left -= taken;
    return taken;
  }

  /** Makes a write that was taken, again where KV says that its key was written a moment ago. */
  async write(write: () => Promise<void>): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await write();
      } catch (error) {
        if (!isTooFast(error) || attempt === ATTEMPTS || this.take(1) === 0) throw error;
      }
      // Others wait for the same key: each goes at a moment of its own.
      await sleep(WRITE_INTERVAL * (1 + Math.random()));
    }
  }
}

function sleep(time: Milliseconds): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, time));
}
