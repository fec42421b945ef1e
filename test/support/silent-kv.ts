import type { KVNamespace } from "@kvplug/core/seam";

/** A namespace that never answers a read, and holds no process. Writes it takes at once. */
export function silentKV(): KVNamespace<any> & { reads: number } {
  const kv = { reads: 0 };
  const silent = (): Promise<never> => {
    kv.reads++;
    return new Promise(() => {});
  };
  const taken = async (): Promise<void> => {};
  return Object.assign(kv, { get: silent, getWithMetadata: silent, list: silent, put: taken, delete: taken }) as any;
}
