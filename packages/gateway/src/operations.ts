import type { Milliseconds } from "@kvplug/core/seam";
import { isTooFast } from "./binding-errors.ts";
import { MAX_OPERATIONS } from "./limits.ts";

/** How often KV takes a write of one key. */
const WRITE_INTERVAL: Milliseconds = 1000;

/** How often a write is tried that comes too soon after another of its key. */
const ATTEMPTS = 4;

/** How many connections an invocation may have at once: what is beyond would wait for them in the runtime. */
const CONNECTIONS = 6;

type Write = () => Promise<void>;

/** The writes that one invocation of the Worker may still make. */
export class Operations {
  #left: number = MAX_OPERATIONS;

  /** Returns how many of `count` writes are allowed, and takes them. */
  take(count: number): number {
    const taken = Math.min(count, this.#left);
    this.#left -= taken;
    return taken;
  }

  /**
   * Makes writes that were taken, those again that KV says come too soon after another one of their key. Resolves with
   * the errors of those that failed, by their places.
   */
  async run(writes: readonly Write[]): Promise<Map<number, unknown>> {
    const failed = new Map<number, unknown>();
    let turn = writes.map((_, i) => i);
    for (let attempt = 1; ; attempt++) {
      await inLanes(turn, async (i) => {
        try {
          await writes[i]!();
          failed.delete(i);
        } catch (error) {
          failed.set(i, error);
        }
      });
      const tooFast = turn.filter((i) => failed.has(i) && isTooFast(failed.get(i)));
      turn = attempt === ATTEMPTS ? [] : tooFast.slice(0, this.take(tooFast.length));
      if (turn.length === 0) return failed;
      // Others wait for the same keys: each invocation comes at a moment of its own.
      await sleep(WRITE_INTERVAL * (1 + Math.random()));
    }
  }
}

/** Does this for each, a few at a time. */
async function inLanes(items: readonly number[], run: (item: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) await run(items[next++]!);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, lane));
}

function sleep(time: Milliseconds): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, time));
}
