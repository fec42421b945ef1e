import type { Milliseconds } from "@kvplug/core/seam";
import type { Listener } from "@kvplug/server/http";
import type { ProxyLog } from "./log.ts";
import type { RunningCalls } from "./running-calls.ts";
import { ending } from "./upstream/upstream-error.ts";

/** How long the clients that get this 503 have to read it. */
const LAST_WORDS: Milliseconds = 1000;

/** What is to be drained. */
export interface Drained {
  readonly listener: Listener;
  readonly calls: RunningCalls;
  readonly log: ProxyLog;
}

/**
 * Stops listening, and resolves once all that is running is answered: within `patience` with what upstream says, and
 * then with 503, since nobody knows whether it was done. Connections that are still open after that are cut.
 */
export async function drain({ listener, calls, log }: Drained, patience: Milliseconds): Promise<void> {
  log.info({ running: calls.count }, "draining");
  let timer = setTimeout(() => {
    log.warn({ running: calls.count }, "ending what is still running");
    calls.end(ending());
    timer = setTimeout(() => listener.cut(), LAST_WORDS);
  }, patience);
  await listener.close();
  clearTimeout(timer);
}
