import { isKVError, KVError, reasonOf, waitAtMost, type KVNamespace, type Milliseconds } from "@kvplug/core/seam";
import { report } from "./report.ts";

/** A namespace that takes a deadline ends the read itself, with a better reason; any other is abandoned this much later. */
const GRACE: Milliseconds = 100;

/**
 * A namespace whose reads fail early and in one way. Each read ends by the deadline, and every failure counts as an
 * outage, even a refused token, so that the cache above opens its circuit and visitors stop waiting. Failures are reported
 * here, and nowhere above.
 *
 * @param deadline How long a read may take. Writes have the driver's own deadline.
 * @param onUnconfigured Called when an account, a namespace or a token is missing.
 */
export function guarded(kv: KVNamespace<any>, deadline: Milliseconds, onUnconfigured: () => void): KVNamespace<any> {
  const read = async <Result>(reading: Promise<Result>): Promise<Result> => {
    try {
      return await waitAtMost(reading, deadline + GRACE, (_resolve, reject) =>
        reject(new KVError("KV_TIMEOUT", `KV did not answer within ${deadline} ms.`)),
      );
    } catch (error) {
      if (isKVError(error) && error.code === "KV_CONFIG") {
        report("Each process keeps its pages for itself", error);
        onUnconfigured();
      } else report("KV cannot be read, and what it would hold is made anew", error);
      throw new KVError("KV_NETWORK", reasonOf(error), { cause: error });
    }
  };
  const within = (options: unknown): any => {
    const given = typeof options === "string" ? { type: options } : (options as object | undefined);
    return { ...given, deadline };
  };
  return {
    get: (keys: any, options?: unknown): any => read(kv.get(keys, within(options))),
    getWithMetadata: (keys: any, options?: unknown): any => read(kv.getWithMetadata(keys, within(options))),
    put: (key, value, options) => kv.put(key, value, options),
    delete: (key, options) => kv.delete(key, options),
    list: (options) => kv.list(options),
  };
}
