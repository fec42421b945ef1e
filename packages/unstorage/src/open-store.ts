import { withCache } from "@kvplug/cache";
import { openNamespace, type KVOptions } from "@kvplug/core";
import {
  CACHE_DEADLINE,
  checkNamespace,
  KVError,
  Presence,
  quoteKey,
  readsWithin,
  type AskedForPresence,
  type KVNamespace,
} from "@kvplug/core/seam";
import { KeyNames } from "./key-names.ts";
import { checkStorageOptions, type KVStorageOptions } from "./options.ts";
import { isGood, type WriteDefaults } from "./stamp.ts";

/** What a driver uses. */
export interface Store {
  readonly kv: KVNamespace<any>;
  /** Its reads, with the deadline. */
  readonly reads: AskedForPresence;
  readonly presence: Presence;
  readonly names: KeyNames;
  readonly defaults: WriteDefaults;
  /** Settles what was written, and closes what was opened here. */
  close(): Promise<void>;
}

/** @throws {KVError} `KV_INVALID` for an unknown or invalid option, `KV_CONFIG` for a binding that is not there. */
export function openStore(options: KVStorageOptions): Store {
  checkStorageOptions("createDriver", options);
  const { base, ttl = 0, minTTL = 0, deadline = CACHE_DEADLINE, cache, binding, kv, apiURL, ...rest } = options;
  const given = kv ?? (typeof binding === "string" ? boundTo(binding) : binding);
  if (given !== undefined) checkNamespace(kv === undefined ? "binding" : "kv", given);
  const driver: KVOptions = apiURL === undefined ? rest : { ...rest, baseURL: baseURLOf(apiURL) };
  const open = openNamespace(given ?? driver);
  const used: KVNamespace<any> =
    cache === undefined ? open.kv : withCache(open.kv, { ...cache, deadline: cache.deadline ?? deadline });
  // A cache waits by itself, and may have a stale copy to give.
  const reads = cache === undefined ? readsWithin(used, deadline) : used;
  return {
    kv: used,
    reads,
    presence: new Presence(reads, isGood, cache?.deadline ?? deadline),
    names: new KeyNames(base),
    defaults: { ttl, minTTL },
    close: () => open.close(),
  };
}

/** Frameworks put a Worker's environment there. */
function boundTo(name: string): unknown {
  const places = globalThis as Record<string, any>;
  const found: unknown = places[name] ?? places["__env__"]?.[name];
  if (found !== undefined) return found;
  throw new KVError("KV_CONFIG", `There is no binding ${quoteKey(name)}, in globalThis or in globalThis.__env__.`);
}

/** The option leaves out the path that all of Cloudflare's API has. */
function baseURLOf(apiURL: string): string {
  return `${apiURL.replace(/(\/client\/v4)?\/*$/, "")}/client/v4`;
}
