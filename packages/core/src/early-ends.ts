import type { Milliseconds } from "./kv-namespace.ts";
import { startTimer, type Timer } from "./timer.ts";

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
  const timers: Timer[] = [];
  for (const party of parties) {
    if (party.settled || party.end > last - GRAIN) continue;
    timers.push(startTimer(() => refuse(party), party.end - performance.now()));
  }
  return () => {
    for (const timer of timers) clearTimeout(timer);
  };
}
