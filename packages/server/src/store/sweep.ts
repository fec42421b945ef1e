import type { Milliseconds } from "@kvplug/core/seam";
import type { Database } from "./database.ts";

const SWEEP_INTERVAL: Milliseconds = 60_000;

/** Expired pairs are removed in small lots, so that no request waits long for them. */
const LOT = 1000;
const PAUSE_BETWEEN_LOTS: Milliseconds = 10;

/** Removes expired records, now and from time to time, while the process runs; returns a function that stops it. */
export function startSweep(db: Database, now: () => Milliseconds): () => void {
  let timer: NodeJS.Timeout | undefined;

  function sweep(): void {
    // Where the file cannot be written now: expired pairs are invisible in any case, and the next round gets them.
    const removed = db.tryNow(({ statements }) => statements.sweep.run(Math.floor(now() / 1000), LOT).changes) ?? 0;
    timer = setTimeout(sweep, removed < LOT ? SWEEP_INTERVAL : PAUSE_BETWEEN_LOTS).unref();
  }

  sweep();
  return () => clearTimeout(timer);
}
