import type { EventEmitter } from "node:events";
import { report } from "./report.ts";

/** A Node-style callback. */
export type Callback<Value> = (error: any, value?: Value) => void;

/**
 * Hands an outcome to a callback, exactly once and outside of the promise's chain: what it throws is an
 * uncaught exception, as it is of every callback, and no second call with an error. Without a callback
 * the promise is handed back. Its failure is reported as well, since nobody may look at it: as an unhandled
 * rejection, that of `req.session.destroy()` would end the process.
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
