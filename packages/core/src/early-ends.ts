import type { Milliseconds } from "./kv-namespace.ts";
import { MAX_TIMER } from "./sleep.ts";

/** Somebody who shares a request. */
interface Waiting {
  readonly end: Milliseconds;
  readonly settled: boolean;
}

/** Deadlines that are this close need no timer of their own. */
const GRAIN: Milliseconds = 1000;

/**
 * Refuses at their own deadline those who share a request with somebody who waits longer. The result
 * stops that.
 */
export function refuseAtEnds<Party extends Waiting>(
  parties: Iterable<Party>,
  last: Milliseconds,
  refuse: (party: Party) => void,
): () => void {
  const timers: ReturnType<typeof setTimeout>[] = [];
  for (const party of parties) {
    if (party.settled || party.end > last - GRAIN) continue;
    const time = Math.min(Math.max(0, party.end - performance.now()), MAX_TIMER);
    timers.push(setTimeout(() => refuse(party), time));
  }
  return () => {
    for (const timer of timers) clearTimeout(timer);
  };
}
