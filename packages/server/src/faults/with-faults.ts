import type { Milliseconds } from "@kvplug/core/seam";
import type { Namespaces, StoreNamespace } from "../backend.ts";
import type { SqliteStore } from "../store/sqlite-store.ts";
import { EventualNamespace } from "./eventual.ts";
import type { BulkNamespace } from "./forwarding.ts";
import type { CheckedFaultInjection } from "./options.ts";
import { seededRandom } from "./random.ts";
import { UnsuccessfulKeys } from "./unsuccessful-keys.ts";
import { WriteLimited } from "./write-limit.ts";

/** The namespaces of a store, each behind the injection that concerns single keys. */
export function withFaults(store: SqliteStore, options: CheckedFaultInjection, now: () => Milliseconds): Namespaces {
  const { propagation, writeLimit, faults, seed } = options;
  if (propagation === undefined && writeLimit === undefined && faults.unsuccessfulKeys === 0) return store;

  const consistency = seededRandom(seed, "consistency");
  const unsuccessful = seededRandom(seed, "unsuccessfulKeys");
  const opened = new Map<string, BulkNamespace>();

  function wrap(kv: BulkNamespace): BulkNamespace {
    let wrapped = kv;
    if (propagation !== undefined) wrapped = new EventualNamespace(wrapped, propagation, consistency, now);
    if (faults.unsuccessfulKeys > 0) wrapped = new UnsuccessfulKeys(wrapped, faults.unsuccessfulKeys, unsuccessful);
    if (writeLimit !== undefined) wrapped = new WriteLimited(wrapped, writeLimit, now);
    return wrapped;
  }

  function open(id: string): StoreNamespace | undefined {
    const kv = store.open(id);
    if (kv === undefined) return undefined;
    // What was written when is remembered from one request to the next.
    const known = opened.get(id) ?? wrap(kv);
    opened.set(id, known);
    return known;
  }

  return {
    list: () => store.list(),
    get: (id) => store.get(id),
    create: (title) => store.create(title),
    rename: (id, title) => store.rename(id, title),
    delete: (id) => {
      opened.delete(id);
      return store.delete(id);
    },
    open,
  };
}
