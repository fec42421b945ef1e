import { decode, type CheckedGetOptions, type Found } from "../seam/decode.ts";
import { FLOW } from "../seam/flow.ts";
import { MOST_BYTES } from "../seam/most-bytes.ts";
import { foundIn } from "../writes/write.ts";
import type { Described, ReadRequests, Wanted } from "../reads/read-requests.ts";
import type { KVCallOptions, KVStream } from "../seam/kv-namespace.ts";
import type { KVStats } from "../contract/stats.ts";
import type { PendingCount } from "../time/pending-count.ts";
import type { Reads } from "../reads/reads.ts";
import type { ToResult } from "../reads/readers.ts";
import type { Settings } from "../contract/options.ts";
import { Steps } from "../seam/steps.ts";
import { WITHDRAWAL } from "../seam/withdrawal.ts";
import type { Writes } from "../writes/writes.ts";

/** The options of a read, without its type. */
export type ReadOptions = Omit<CheckedGetOptions, "type">;

/** Reads that see unconfirmed writes, and ask the API for everything else. */
export class ReadYourWrites {
  readonly #reads: Reads;
  readonly #send: ReadRequests;
  readonly #writes: Writes;
  readonly #settings: Settings;
  readonly #running: PendingCount;
  readonly #stats: KVStats;

  /** @param running Counts the calls that may still send requests. */
  constructor(
    reads: Reads,
    send: ReadRequests,
    writes: Writes,
    settings: Settings,
    running: PendingCount,
    stats: KVStats,
  ) {
    this.#reads = reads;
    this.#send = send;
    this.#writes = writes;
    this.#settings = settings;
    this.#running = running;
    this.#stats = stats;
  }

  /** Whether an unconfirmed write or a running `clear()` decides what a read of this key finds. */
  isPending(key: string): boolean {
    return this.#writes.underWay(key) !== undefined || this.#writes.isBeingCleared(key);
  }

  one<Result>(wanted: Wanted, options: KVCallOptions, toResult: ToResult<Result>): Promise<Result> {
    return this.isPending(wanted.key)
      ? this.#running.during(this.#written(wanted, options, toResult))
      : this.#reads.one(wanted, options, toResult);
  }

  /** It may wait for a write, and then ask. */
  stream(key: string, options: ReadOptions): Promise<Found<KVStream> | null> {
    return this.#running.during(this.#stream(key, options));
  }

  /** As {@link stream}. */
  metadata(key: string, options: ReadOptions): Promise<Described | null> {
    return this.#running.during(this.#metadata(key, options));
  }

  async #stream(key: string, options: ReadOptions): Promise<Found<KVStream> | null> {
    options.signal?.throwIfAborted();
    const steps = this.#stepsOf(options);
    const found = await this.#underWay(key, steps);
    if (found === undefined) {
      return steps.next((left) => this.#send.stream(key, { ...left, cacheTtl: options.cacheTtl }));
    }
    this.#stats.sharedReads++;
    return found && { ...found, value: decode(key, found.value, "stream") as KVStream };
  }

  async #metadata(key: string, options: ReadOptions): Promise<Described | null> {
    options.signal?.throwIfAborted();
    const steps = this.#stepsOf(options);
    const found = await this.#underWay(key, steps);
    return found === undefined ? steps.next((left) => this.#send.metadataAlone(key, left)) : found;
  }

  /** A stream and its metadata take two requests: only the value's own endpoint streams, and it has no metadata. */
  async streamWithMetadata(key: string, options: ReadOptions): Promise<Found<KVStream> | null> {
    const stream = this.stream(key, options);
    const [found, about] = await Promise.all([stream, this.metadata(key, options)]).catch((error: unknown) => {
      // Nobody will read it.
      stream.then((opened) => opened?.value.cancel()).catch(() => {});
      throw error;
    });
    return found && { ...found, metadata: about?.metadata ?? null };
  }

  /** Any number of keys; one that does not exist is not in the map. */
  async many(
    keys: readonly string[],
    metadata: boolean,
    bytes: boolean,
    options: ReadOptions,
  ): Promise<Map<string, Found>> {
    const { cacheTtl, [FLOW]: flow, [MOST_BYTES]: mostBytes, [WITHDRAWAL]: withdrawal } = options;
    const steps = this.#stepsOf(options);
    const written = new Map<string, Found>();
    const wanted: Wanted[] = [];
    for (const key of new Set(keys)) {
      const found = this.isPending(key) ? await this.#underWay(key, steps) : undefined;
      if (found === undefined) {
        wanted.push({ key, metadata, bytes, binary: bytes, cacheTtl, flow, withdrawal });
        continue;
      }
      this.#stats.readKeys++;
      this.#stats.sharedReads++;
      if (found) written.set(key, found);
    }
    const read = await steps.next((left) => this.#reads.many(wanted, left, mostBytes));
    for (const [key, found] of written) read.set(key, found);
    return read;
  }

  async #written<Result>(wanted: Wanted, options: KVCallOptions, toResult: ToResult<Result>): Promise<Result> {
    options.signal?.throwIfAborted();
    const steps = this.#stepsOf(options);
    const found = await this.#underWay(wanted.key, steps);
    if (found === undefined) return steps.next((left) => this.#reads.one(wanted, left, toResult));
    this.#stats.readKeys++;
    this.#stats.sharedReads++;
    return toResult(wanted.key, found);
  }

  /** Resolves with what an unconfirmed write or a `clear()` will leave at this key; `undefined` if there is none. */
  async #underWay(key: string, steps: Steps): Promise<Found | null | undefined> {
    for (;;) {
      if (this.#writes.isBeingCleared(key)) return null;
      const write = this.#writes.underWay(key);
      if (write === undefined) return undefined;
      const found = foundIn(write);
      if (found !== undefined) return found;
      await steps.next((left) => this.#writes.settled(key, left));
    }
  }

  /** A read that waits for a write, and then asks, does both within its deadline. */
  #stepsOf(options: KVCallOptions): Steps {
    return new Steps(options, this.#settings.deadline);
  }
}
