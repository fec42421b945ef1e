import type { KV, KVListKey, KVListResult } from "@kvplug/core";
import type { Target } from "../../connect/connections.ts";
import { meets, type Condition } from "../../where.ts";
import { ReadWindow } from "./read-window.ts";
import { inOrder } from "./in-order.ts";
import { ValueReader } from "./read-values.ts";
import type { Entry } from "../formats/records.ts";

/** A place in a listing: behind `after`, on the page of this cursor; at its beginning, without one. */
export interface Position {
  readonly cursor: string;
  readonly after?: string;
}

/** Where every listing begins. */
export const BEGINNING: Position = { cursor: "" };

/** Keys that are listed next to each other. */
interface Part {
  readonly keys: readonly KVListKey[];
  /** Where its page is. */
  readonly cursor: string;
  /** Where the next one begins; `undefined` behind the last one. */
  readonly next: Position | undefined;
}

/** Entries that are next to each other in a listing, and where the next ones begin. */
export interface Entries extends Omit<Part, "keys"> {
  readonly entries: readonly Entry[];
}

/**
 * Reads all keys with a prefix, with values, metadata and expiration, from a position on: one request
 * for 1,000 names and one for 100 values, several of them at once, in the order of the listing.
 */
export async function* readEntries(
  { kv, concurrency }: Pick<Target, "kv" | "concurrency">,
  prefix: string,
  from: Position,
  signal: AbortSignal,
  conditions?: readonly Condition[],
): AsyncGenerator<Entries> {
  const readWindow = new ReadWindow(concurrency);
  const values = new ValueReader(kv, signal);
  yield* inOrder(
    parts(kv, prefix, from, readWindow.keys, signal, conditions),
    readWindow.running,
    async ({ keys, ...where }) => {
      const entries = await values.read(keys);
      let bytes = 0;
      for (const { value } of entries) bytes += Buffer.byteLength(value);
      readWindow.digest(entries.length, bytes);
      return { entries, ...where };
    },
  );
}

async function* parts(
  kv: KV,
  prefix: string,
  from: Position,
  most: () => number,
  signal: AbortSignal,
  conditions: readonly Condition[] | undefined,
): AsyncGenerator<Part> {
  const list = (at: string): Promise<KVListResult> => {
    const page = kv.list({ prefix, cursor: at, signal });
    // A failure is thrown at its turn, if that comes; until then it must not count as unhandled.
    page.catch(() => {});
    return page;
  };
  let { cursor, after } = from;
  let page: Promise<KVListResult> | undefined = list(cursor);
  while (page !== undefined) {
    const result: KVListResult = await page;
    const following: string | undefined = result.list_complete ? undefined : result.cursor;
    // Listed while the values of this one are read.
    page = following === undefined ? undefined : list(following);
    const listed = after === undefined ? result.keys : behind(result.keys, after);
    // What is not wanted is not read.
    const keys = conditions === undefined ? listed : listed.filter(({ metadata }) => meets(metadata, conditions));
    const next = following === undefined ? undefined : { cursor: following };
    if (keys.length === 0) yield { keys, cursor, next };
    for (let start = 0, end = 0; start < keys.length; start = end) {
      end = Math.min(start + most(), keys.length);
      const part = keys.slice(start, end);
      yield { keys: part, cursor, next: end < keys.length ? { cursor, after: part.at(-1)!.name } : next };
    }
    cursor = following ?? "";
    after = undefined;
  }
}

/** The keys of a page that come after this one, in the order of a listing, which is that of the bytes. */
function behind(keys: readonly KVListKey[], after: string): readonly KVListKey[] {
  const last = Buffer.from(after);
  const first = keys.findIndex(({ name }) => Buffer.compare(Buffer.from(name), last) > 0);
  return first === -1 ? [] : keys.slice(first);
}
