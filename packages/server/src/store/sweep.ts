import type { Milliseconds } from "@kvplug/core/seam";
import type { Database } from "./database.ts";

const SWEEP_INTERVAL: Milliseconds = 60_000;

/** Expired pairs are removed in small lots, so that no request waits long for them. */
const LOT = 1000;
const PAUSE_BETWEEN_LOTS: Milliseconds = 10;

/** Removes what has expired, now and from time to time, for as long as the process runs; returns how to stop. */
export function startSweep(db: Database, now: () => Milliseconds): () => void {
  let timer: NodeJS.Timeout | undefined;

  function sweep(): void {
    let removed = 0;
    try {
      removed = Number(db.statements.sweep.run(Math.floor(now() / 1000), LOT).changes);
    } catch {
      // Another process holds the file. Expired pairs are invisible in any case; the next round gets them.
    }
    timer = setTimeout(sweep, removed < LOT ? SWEEP_INTERVAL : PAUSE_BETWEEN_LOTS).unref();
  }

  sweep();
  return () => clearTimeout(timer);
}
