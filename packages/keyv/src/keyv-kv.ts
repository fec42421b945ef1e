import { forEachKey, type Milliseconds } from "@kvplug/core/seam";
import { AnyKeyvKV } from "./any-keyv-kv.ts";
import { deadlineOf } from "./record.ts";

/** An entry for {@link KeyvKV.setMany}. */
export interface KeyvEntry {
  key: string;
  value: string;
  /** From now. Default: no expiry. */
  ttl?: Milliseconds | undefined;
}

/**
 * Whether each entry is written: `true`. Keyv 6 expects this result, Keyv 5's types expect none; this type satisfies
 * both.
 */
export type KeyvWritten = boolean[] & void;

/**
 * A storage adapter on Workers KV for Keyv 5 and Keyv 6: `new Keyv({ store: new KeyvKV() })`.
 *
 * It takes durations, as Keyv 5 does; Keyv 6 converts to them. Values are text, since Keyv serialises them. Each
 * failure is reported once, as a `KVError`: a write rejects, which Keyv turns into an `error` event; a read emits
 * `error` and returns a miss, since Keyv 5 would swallow its rejection. If nobody listens to `error`, reads reject too.
 *
 * @example
 * const keyv = new Keyv({ store: new KeyvKV({ accountId, namespaceId, apiToken }), namespace: "users" });
 * await keyv.set("ada", { plan: "free" }, 5000); // expires after 5 s, exact to the millisecond
 */
export class KeyvKV extends AnyKeyvKV {
  /**
   * @param ttl From now; `undefined` and 0: no expiry. A negative one deletes the key.
   * @throws {KVError} `KV_INVALID` if the value is not a string or the ttl not a number, `KV_LIMIT` if key or value is
   *   too long.
   */
  async set(key: string, value: string, ttl?: Milliseconds | null): Promise<boolean> {
    await this.write(key, value, deadlineOf(key, ttl));
    return true;
  }

  /** Writes all entries, 10,000 a request. @throws {KVBulkError} with the keys that failed; all others are written. */
  async setMany(entries: readonly KeyvEntry[]): Promise<KeyvWritten> {
    await forEachKey(
      entries.map(({ key }) => key),
      async (key, i) => this.write(key, entries[i]!.value, deadlineOf(key, entries[i]!.ttl)),
    );
    return entries.map(() => true) as KeyvWritten;
  }

  /**
   * Deletes all keys, 10,000 a request. For up to a hundred keys, one more request checks whether any existed; for
   * more, it resolves with `true`.
   *
   * @throws {KVBulkError} with the keys that failed; all others are deleted.
   */
  async deleteMany(keys: readonly string[]): Promise<boolean> {
    const there = await this.remove(keys);
    return keys.length === 0 || there.includes(true);
  }
}
