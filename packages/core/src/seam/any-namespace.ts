import { KVBulkError, KVError } from "./errors.ts";
import type {
  KVCallOptions,
  KVEntry,
  KVGetOptions,
  KVListKey,
  KVNamespace,
  Milliseconds,
  Seconds,
} from "./kv-namespace.ts";
import { MAX_BULK_GET_KEYS, MIN_EXPIRATION_TTL_SECONDS } from "./limits.ts";
import { reasonOf } from "./reason.ts";
import { describe } from "./validate.ts";

/** The five methods of the seam. */
const METHODS = ["get", "getWithMetadata", "put", "delete", "list"] as const;

/**
 * Returns whether a value has the methods of a `KVNamespace`: a driver, a Worker's `env.KV`, or a cache over either.
 */
export function isNamespace(value: unknown): value is KVNamespace<any> {
  return missingMethod(value) === undefined;
}

/** @throws {KVError} `KV_INVALID`, which names `where` and the first missing method. */
export function checkNamespace(where: string, value: unknown): asserts value is KVNamespace<any> {
  const missing = missingMethod(value);
  if (missing === undefined) return;
  throw new KVError(
    "KV_INVALID",
    `${where} needs a KVNamespace, such as createKV() or a Worker's env.KV; ${describe(value)} has no method ${missing}.`,
  );
}

/**
 * Turns an adapter's arguments, `(kv, options)` or `(options)`, into options with a `kv`.
 *
 * @throws {KVError} `KV_INVALID` for anything that is neither a namespace nor options.
 */
export function adapterOptions<Options extends { kv?: KVNamespace<any> }>(
  name: string,
  given: KVNamespace<any> | Options,
  more: Omit<Options, "kv">,
): Options {
  if (isNamespace(given)) return { ...(more as Options), kv: given };
  if (typeof given !== "object" || given === null) {
    throw new KVError(
      "KV_INVALID",
      `${name} takes a KVNamespace, such as createKV() or a Worker's env.KV, or options, not ${describe(given)}.`,
    );
  }
  // Something to read from, but not that: its fields are no options.
  if ("get" in given) checkNamespace(name, given);
  if (given.kv !== undefined) checkNamespace(`kv of ${name}`, given.kv);
  return { ...given, ...more };
}

function missingMethod(value: unknown): string | undefined {
  return METHODS.find((name) => typeof (value as Partial<KVNamespace> | null | undefined)?.[name] !== "function");
}

/**
 * Resolves with values and metadata of any number of keys, in the same order; `null` for a missing key. Reads a hundred
 * keys a call, all calls at once, each with these options.
 *
 * @example
 * const [ada, bob] = await getEntries(kv, ["user:ada", "user:bob"]);
 */
export async function getEntries<Metadata = unknown>(
  kv: Pick<KVNamespace<any>, "getWithMetadata">,
  keys: readonly string[],
  options: Pick<KVGetOptions<"text">, "cacheTtl"> & KVCallOptions = {},
): Promise<(KVEntry<string, Metadata> | null)[]> {
  const entries = new Map<string, KVEntry<string, Metadata>>();
  const readOne = async (key: string): Promise<void> => {
    entries.set(key, await kv.getWithMetadata<Metadata>(key, options));
  };
  const readMany = async (some: string[]): Promise<void> => {
    try {
      for (const [key, entry] of await kv.getWithMetadata<Metadata>(some, options)) entries.set(key, entry);
    } catch (error) {
      if (!isTooLargeForBulk(error)) throw error;
      const half = Math.ceil(some.length / 2);
      await (some.length === 1
        ? readOne(some[0]!)
        : Promise.all([readMany(some.slice(0, half)), readMany(some.slice(half))]));
    }
  };
  const distinct = [...new Set(keys)];
  const bulk = distinct.filter((key) => !isLostInBulk(key));
  const calls: Promise<void>[] = [];
  for (let i = 0; i < bulk.length; i += MAX_BULK_GET_KEYS) calls.push(readMany(bulk.slice(i, i + MAX_BULK_GET_KEYS)));
  // A driver that gathers a tick's calls lets these share the requests of the others.
  for (const key of distinct.filter(isLostInBulk)) calls.push(readOne(key));
  await Promise.all(calls);
  return keys.map((key) => {
    // A Worker's binding has no entry where there is no key.
    const entry = entries.get(key);
    return entry === undefined || entry === null || entry.value === null ? null : entry;
  });
}

/**
 * Returns whether a Worker's binding rejected a bulk get because its values exceed the 25 MB that it returns at once.
 */
export function isTooLargeForBulk(error: unknown): boolean {
  return error instanceof Error && /^KV GET_BULK failed: 413\b/.test(error.message);
}

/**
 * Returns whether a Worker's binding loses a key in bulk gets: it passes their answer through a plain object, which
 * drops `__proto__` and properties that are array indices.
 */
export function isLostInBulk(key: string): boolean {
  return key === "__proto__" || /^(0|[1-9]\d*)$/.test(key);
}

/**
 * Writes or deletes many keys with one call each, all at once, so that a driver sends them together. Resolves when all
 * have settled.
 *
 * @throws {KVBulkError} with the `keys` that failed; all others are done.
 * @example
 * await forEachKey(["a", "b"], (key) => kv.delete(key));
 */
export async function forEachKey(
  keys: readonly string[],
  write: (key: string, i: number) => Promise<void>,
): Promise<void> {
  const outcomes = await Promise.allSettled(keys.map(async (key, i) => write(key, i)));
  const reasons = new Map<string, unknown>();
  for (const [i, outcome] of outcomes.entries()) {
    if (outcome.status === "rejected") reasons.set(keys[i]!, outcome.reason);
  }
  if (reasons.size === 0) return;
  const [cause] = reasons.values();
  if (keys.length === 1) throw cause;
  const message = `${reasons.size} of ${keys.length} keys failed. The first failure: ${reasonOf(cause)}`;
  throw new KVBulkError(message, reasons, { cause });
}

/**
 * Yields the names that begin with a prefix, in pages of up to 1,000; requests the next page once the last one is
 * processed.
 */
export async function* listPages<Metadata = unknown>(
  kv: KVNamespace<any>,
  prefix = "",
): AsyncGenerator<KVListKey<Metadata>[]> {
  let cursor: string | undefined;
  do {
    const page = await kv.list<Metadata>({ ...(prefix !== "" && { prefix }), ...(cursor !== undefined && { cursor }) });
    if (page.keys.length > 0) yield page.keys;
    cursor = page.list_complete ? undefined : page.cursor;
  } while (cursor !== undefined);
}

/** A Worker's binding takes 32 bits of seconds, 68 years. */
const MAX_EXPIRATION_TTL_SECONDS: Seconds = 2 ** 31 - 1;

/**
 * Returns how long KV has to keep what is valid for `ttl` milliseconds: whole seconds, rounded up, from KV's 60 to 68
 * years.
 */
export function expirationTtlOf(ttl: Milliseconds): Seconds {
  return Math.min(Math.max(MIN_EXPIRATION_TTL_SECONDS, Math.ceil(ttl / 1000)), MAX_EXPIRATION_TTL_SECONDS);
}
