import { KVError } from "./errors.ts";
import type { KVCallOptions, KVNamespace, Milliseconds } from "./kv-namespace.ts";
import type { AskedForPresence, FindsMetadata } from "./presence.ts";
import { describe, quoteKey } from "./validate.ts";
import { waitAtMost } from "./wait-at-most.ts";

/** How long a cache's read waits by default: short enough for a web request. */
export const CACHE_DEADLINE: Milliseconds = 5_000;

/**
 * A namespace that takes a deadline ends the read itself, with a better reason; any other is abandoned this much later.
 */
const GRACE: Milliseconds = 100;

/** @throws {KVError} `KV_INVALID` unless this is a duration; `Infinity` is one. */
export function checkCacheDeadline(deadline: unknown): asserts deadline is Milliseconds {
  if (typeof deadline === "number" && deadline > 0) return;
  throw new KVError("KV_INVALID", `deadline must be a number of milliseconds above 0, not ${describe(deadline)}.`);
}

/**
 * Returns a namespace's reads, each of which rejects with `KV_TIMEOUT` after the deadline, whatever the namespace
 * itself does.
 *
 * @param deadline `Infinity`: as long as the namespace waits. A call's own deadline wins if it is shorter.
 */
export function readsWithin(kv: KVNamespace<any>, deadline: Milliseconds): AskedForPresence {
  if (deadline === Number.POSITIVE_INFINITY) return kv;
  const own = kv as FindsMetadata;
  const inTime = <Result>(
    keys: string | string[],
    given: KVCallOptions | string = {},
    read: (options: KVCallOptions) => Promise<Result>,
  ): Promise<Result> => {
    const options = typeof given === "string" ? { type: given } : given;
    const least = Math.min(deadline, (options as KVCallOptions).deadline ?? deadline);
    return waitAtMost(read({ ...options, deadline: least }), least + GRACE, (_resolve, reject) =>
      reject(lateError(keys, least)),
    );
  };
  return {
    getWithMetadata: (keys: any, options?: any): any =>
      inTime(keys, options, (terms) => kv.getWithMetadata(keys, terms as any)),
    ...(typeof own.findMetadata === "function" && {
      findMetadata: (name: string, options?: KVCallOptions) =>
        inTime(name, options, (terms) => own.findMetadata!(name, terms)),
    }),
  };
}

function lateError(keys: string | string[], deadline: Milliseconds): KVError {
  const [what, details] =
    typeof keys === "string"
      ? [`the value of ${quoteKey(keys)}`, { key: keys }]
      : [`the values of ${keys.length} keys`, {}];
  return new KVError("KV_TIMEOUT", `The deadline of ${deadline} ms passed before ${what} arrived.`, details);
}
