import type { Milliseconds } from "@kvplug/core/seam";
import { troubleOf } from "./sqlite-errors.ts";

/** How long a call waits for the lock of another process. */
export const LOCK_PATIENCE: Milliseconds = 5000;

const BETWEEN_ATTEMPTS: Milliseconds = 20;

interface Waiting {
  /** Tries again; `false` if the file is still locked, and there is time left. */
  attempt(): boolean;
}

/**
 * Does one thing after the other, in the order in which they come: at once, as long as no other process has the file
 * locked. While one has, SQLite's own waiting would hold up all that this process does, so it is waited for between
 * attempts.
 */
export class LockQueue {
  readonly #waiting: Waiting[] = [];

  /** Returns what `run` returns, or a promise of it if it has to wait. */
  run<T>(run: () => T): T | Promise<T> {
    if (this.#waiting.length === 0) {
      try {
        return run();
      } catch (error) {
        if (troubleOf(error) !== "locked") throw error;
      }
    }
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const end = performance.now() + LOCK_PATIENCE;
    const attempt = (): boolean => {
      try {
        resolve(run());
      } catch (error) {
        if (troubleOf(error) === "locked" && performance.now() < end) return false;
        reject(error);
      }
      return true;
    };
    if (this.#waiting.push({ attempt }) === 1) this.#soon();
    return promise;
  }

  #soon(): void {
    setTimeout(() => {
      while (this.#waiting[0]?.attempt()) this.#waiting.shift();
      if (this.#waiting.length > 0) this.#soon();
    }, BETWEEN_ATTEMPTS);
  }
}
