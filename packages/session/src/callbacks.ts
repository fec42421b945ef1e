/** A callback of Node's kind. */
export type Callback<Value> = (error: any, value?: Value) => void;

/**
 * Hands an outcome to a callback, exactly once and outside of the promise's chain: what it throws is an
 * uncaught exception, as it is of every callback, and no second call with an error. Without a callback
 * the promise is handed back.
 */
export function settle<Value>(outcome: Promise<Value>, callback?: Callback<Value>): Promise<Value> | undefined {
  if (callback === undefined) return outcome;
  outcome.then(
    (value) => queueMicrotask(callback.bind(null, null, value)),
    (error: unknown) => queueMicrotask(callback.bind(null, error)),
  );
  return undefined;
}
