import { isAboutKeys } from "../requests/answer.ts";
import { KVBulkError, KVError } from "../seam/errors.ts";
import type { KVCallOptions } from "../seam/kv-namespace.ts";
import type { Listing } from "./listing.ts";
import { listen, unlisten } from "../calls/signals.ts";
import { MAX_BULK_KEYS } from "../seam/limits.ts";
import type { Overtaking } from "../writes/overtakings.ts";
import { reasonOf } from "../seam/reason.ts";
import { Steps } from "../seam/steps.ts";
import type { Writes } from "../writes/writes.ts";

/**
 * Deletes all keys with a prefix, except those that are put after the call. Returns how many it deleted.
 *
 * @throws {KVBulkError} with the keys that could not be deleted, once all others are; what ended it before that.
 */
export async function clear(prefix: string, writes: Writes, listing: Listing, options: KVCallOptions): Promise<number> {
  const { signal } = options;
  signal?.throwIfAborted();
  const steps = new Steps(options);
  // What is put from now on stays.
  const overtaking = writes.overtaking(prefix);
  // Once the caller aborts, reads no longer treat the keys as deleted.
  const caller = { onAbort: () => overtaking.end() };
  const deletes = new Deletes(writes, overtaking, steps, signal);
  // What is still being put is in no listing, nor is what may come of an abandoned put; what is being deleted may fail to be.
  let names = new Set<string>();
  const deleted: string[] = [];
  const abandoned = new Set(writes.abandonedPuts(prefix));
  for (const { key, put } of writes.allUnderWay(prefix)) {
    abandoned.delete(key);
    if (put) names.add(key);
    else deleted.push(key);
  }
  let count = 0;
  const flush = async (): Promise<void> => {
    const found = names;
    names = new Set();
    count += await deletes.ofAll(found);
  };
  try {
    if (signal) listen(signal, caller);
    await deletes.ofAll(deleted);
    for await (const page of listing.pages(prefix, steps)) {
      for (const { name } of page) {
        names.add(name);
        abandoned.delete(name);
      }
      if (names.size >= MAX_BULK_KEYS) await flush();
    }
    await flush();
    await deletes.ofAll(abandoned);
  } finally {
    overtaking.end();
    if (signal) unlisten(signal, caller);
  }
  deletes.throwIfAnyFailed();
  return count;
}

/** Whether the API refused this key, or reported that it did not process it. Other keys may still be deleted. */
function isRefusal(error: unknown): boolean {
  const isUnprocessed = error instanceof KVError && error.code === "KV_API" && error.method === undefined;
  return isUnprocessed || isAboutKeys(error);
}

/** The deletes of a `clear`. */
class Deletes {
  readonly #writes: Writes;
  readonly #overtaking: Overtaking;
  readonly #steps: Steps;
  readonly #signal: AbortSignal | undefined;
  readonly #failed: Map<string, unknown> = new Map();

  constructor(writes: Writes, overtaking: Overtaking, steps: Steps, signal: AbortSignal | undefined) {
    this.#writes = writes;
    this.#overtaking = overtaking;
    this.#steps = steps;
    this.#signal = signal;
  }

  /**
   * Deletes keys, except those that were put since the clear began. Returns how many it deleted.
   *
   * @throws the first failure that is not a refusal of its key: other keys would fail as well.
   */
  async ofAll(names: Iterable<string>): Promise<number> {
    const deleted: string[] = [];
    const later: string[] = [];
    for (const name of names) {
      if (this.#overtaking.has(name)) continue;
      const write = this.#writes.underWay(name);
      (write && this.#overtaking.isLater(write) ? later : deleted).push(name);
    }
    const count = deleted.length === 0 ? 0 : await this.#delete(deleted);
    if (later.length === 0) return count;
    // A later write may still fail, and leave what was there before.
    const areDeleted = await this.#steps.next((left) =>
      Promise.all(later.map((name) => this.#writes.settled(name, left))),
    );
    return count + (await this.ofAll(later.filter((_, i) => !areDeleted[i])));
  }

  throwIfAnyFailed(): void {
    const { size } = this.#failed;
    if (size === 0) return;
    const [cause] = this.#failed.values();
    const keys = size === 1 ? "1 key" : `${size} keys`;
    const message = `clear could not delete ${keys}, and all others are deleted. The first failure: ${reasonOf(cause)}`;
    throw new KVBulkError(message, this.#failed, { cause });
  }

  async #delete(names: readonly string[]): Promise<number> {
    try {
      await this.#steps.next((left) => this.#writes.deleteMany(names, left));
      this.#note(names, new Map());
      return names.length;
    } catch (error) {
      // The caller's reason may be an error of any kind.
      this.#signal?.throwIfAborted();
      if (!(error instanceof KVBulkError)) throw error;
      for (const reason of error.reasons.values()) if (!isRefusal(reason)) throw reason;
      this.#note(names, error.reasons);
      return names.length - error.keys.length;
    }
  }

  /** Notes which keys were refused. One that was refused earlier may be deleted now. */
  #note(names: readonly string[], refused: ReadonlyMap<string, unknown>): void {
    if (this.#failed.size === 0 && refused.size === 0) return;
    for (const name of names) {
      if (refused.has(name)) this.#failed.set(name, refused.get(name));
      else this.#failed.delete(name);
    }
  }
}
