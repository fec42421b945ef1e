import type { EventEmitter } from "node:events";
import { report } from "./report.ts";

/** A Node-style callback. */
export type Callback<Value> = (error: any, value?: Value) => void;

/**
 * Passes a result to a callback, exactly once and outside the promise chain: what the callback throws is an uncaught
 * exception, and never leads to a second call. Without a callback, returns the promise. Its failure is also reported,
 * since its caller may ignore it: as an unhandled rejection, that of `req.session.destroy()` would end the process.
 */
export function settle<Value>(
  emitter: EventEmitter<any>,
  outcome: Promise<Value>,
  callback?: Callback<Value>,
): Promise<Value> | undefined {
  if (callback === undefined) {
    outcome.catch((error: unknown) => report(emitter, error as Error));
    return outcome;
  }
  outcome.then(
    (value) => queueMicrotask(callback.bind(null, null, value)),
    (error: unknown) => queueMicrotask(callback.bind(null, error)),
  );
  return undefined;
}
