/**
 * Next's `cacheHandlers` on Workers KV: what functions with `use cache` and `use cache: remote` return.
 *
 * @module
 */
import type { StoredResult } from "./entry.ts";
import type { ResultEntry, ResultHandler } from "./next-contract.ts";
import type { Found, NextKV } from "./next-kv.ts";
import { ownResults } from "./next-own.ts";
import { isWanted } from "./options.ts";
import { packBytes, unpackBytes } from "./packed.ts";
import { openNextKV } from "./shared.ts";

/** What is being made: whoever asks for it waits. */
const pending = new Map<string, Promise<void>>();

/**
 * The object for `cacheHandlers.default` and `cacheHandlers.remote` of `next.config`. Where nothing is kept in KV, as in
 * a build, in development and without credentials, it does what Next's own handler does.
 */
const handler: ResultHandler = {
  async get(key, softTags) {
    const kv = open();
    if (kv !== undefined) {
      await pending.get(key);
      const found = await kv.find<StoredResult>(kv.nameOf("use", key), softTags, ({ tags }) => tags);
      if (open() !== undefined) return found && entryOf(found);
    }
    return (await ownResults()).get(key, softTags);
  },

  async set(key, made) {
    const kv = open();
    if (kv === undefined) return (await ownResults()).set(key, made);
    const storing = store(kv, key, made);
    pending.set(key, storing);
    await storing;
    if (pending.get(key) === storing) pending.delete(key);
  },

  // Tags are read with the entries.
  async refreshTags() {
    if (open() === undefined) await (await ownResults()).refreshTags();
  },

  async getExpiration(tags) {
    // Infinity: the tags come with `get`.
    return open() === undefined ? (await ownResults()).getExpiration(tags) : Number.POSITIVE_INFINITY;
  },

  async updateTags(tags, durations) {
    const kv = open();
    if (kv === undefined) return (await ownResults()).updateTags(tags, durations);
    await kv.invalidate(tags, durations);
  },
};

export default handler;

function open(): NextKV | undefined {
  return isWanted(process.env["NODE_ENV"] === "development") ? openNextKV() : undefined;
}

async function store(kv: NextKV, key: string, made: Promise<ResultEntry>): Promise<void> {
  let entry: ResultEntry;
  let bytes: ArrayBuffer;
  try {
    entry = await made;
    bytes = await new Response(entry.value).arrayBuffer();
  } catch {
    // The function failed, or did while its result streamed: that is Next's to tell.
    return;
  }
  const { timestamp, tags, stale, expire, revalidate } = entry;
  if (expire === 0) return;
  const stored = { doneAt: timestamp, revalidate, value: packBytes(new Uint8Array(bytes)), tags, stale, expire };
  await kv.store<StoredResult>(kv.nameOf("use", key), stored, tags, expire);
}

function entryOf({ entry, isStale }: Found<StoredResult>): ResultEntry | undefined {
  const { doneAt, tags, stale, expire, revalidate, value } = entry;
  // KV keeps it for a minute at least.
  if (Date.now() > doneAt + expire * 1000) return undefined;
  const bytes = new Uint8Array(unpackBytes(value));
  return {
    value: new ReadableStream({
      start(controller) {
        controller.enqueue(bytes);
        controller.close();
      },
    }),
    tags: [...tags],
    stale,
    timestamp: doneAt,
    expire,
    // Past its time: it is served, and made anew behind the visitor's back.
    revalidate: isStale ? -1 : (revalidate as number),
  };
}
