import { forEachKey, type Milliseconds } from "@kvplug/core/seam";
import { AnyKeyvKV } from "./any-keyv-kv.ts";
import { deadlineOf } from "./record.ts";

/** One of {@link KeyvKV.setMany}. */
export interface KeyvEntry {
  key: string;
  value: string;
  /** From now. Default: no expiry. */
  ttl?: Milliseconds | undefined;
}

/**
 * Of each entry that it is written. Keyv 6 wants to be told, and the types of Keyv 5 want nothing: this passes for both.
 */
export type KeyvWritten = boolean[] & void;

/**
 * A Keyv storage adapter on Workers KV, for Keyv 5 and Keyv 6 alike: `new Keyv({ store: new KeyvKV() })`.
 *
 * It takes durations as Keyv 5 does, and Keyv 6 bridges to that. Values are text, which is what Keyv
 * makes of all values. Each failure is told once, as a `KVError`: a write rejects, and Keyv makes an
 * `error` event of that; a read emits `error` and answers with a miss, since Keyv 5 would swallow its
 * rejection. Where nobody listens to `error`, reads reject as well.
 *
 * @example
 * const keyv = new Keyv({ store: new KeyvKV({ accountId, namespaceId, apiToken }), namespace: "users" });
 * await keyv.set("ada", { plan: "free" }, 5000); // gone in 5 s, to the millisecond
 */
export class KeyvKV extends AnyKeyvKV {
  /**
   * @param ttl From now; `undefined` and 0: no expiry. What is over already takes the key away.
   * @throws {KVError} `KV_INVALID` for a value that is no text or a ttl that is no number, `KV_LIMIT` for a key or value too long.
   */
  async set(key: string, value: string, ttl?: Milliseconds | null): Promise<boolean> {
    await this.write(key, value, deadlineOf(key, ttl));
    return true;
  }

  /** Writes all of them, 10,000 a request. @throws {KVBulkError} with the keys that failed, when all others are written. */
  async setMany(entries: readonly KeyvEntry[]): Promise<KeyvWritten> {
    await forEachKey(
      entries.map(({ key }) => key),
      async (key, i) => this.write(key, entries[i]!.value, deadlineOf(key, entries[i]!.ttl)),
    );
    return entries.map(() => true) as KeyvWritten;
  }

  /**
   * Deletes all of them, 10,000 a request. Of up to a hundred keys it tells whether any was there, for
   * one request more; of more than that it does not ask, and says `true`.
   *
   * @throws {KVBulkError} with the keys that failed, when all others are deleted.
   */
  async deleteMany(keys: readonly string[]): Promise<boolean> {
    const there = await this.remove(keys);
    return keys.length === 0 || there.includes(true);
  }
}
