import { abandonedSignal, type Party } from "./abandoned.ts";
import type { Need } from "./budget.ts";
import { Caller } from "./caller.ts";
import { refuseAtEnds } from "./early-ends.ts";
import { Gathering } from "./gathering.ts";
import { outOfBudget, type Gate, type Lane } from "./gate.ts";
import { KVError } from "./errors.ts";
import type { KVCallOptions, Milliseconds, Seconds } from "./kv-namespace.ts";
import { DEFAULT_CACHE_TTL_SECONDS } from "./limits.ts";
import type { BatchSettings } from "./options.ts";
import { Outstanding } from "./outstanding.ts";
import type { Found, ReadRequests, Wanted } from "./read-requests.ts";
import type { Requests } from "./request.ts";
import type { KVStats } from "./stats.ts";

/** Who waits for keys: a `get` of one, or of many. */
interface Reader extends Party {
  readonly at: Milliseconds;
  readonly end: Milliseconds;
  found(key: string, found: Found | null): void;
  reject(reason: unknown): void;
}

/** A key that waits to be read, for all who asked. */
interface Asked {
  readonly key: string;
  /** When it was first asked for, on the clock of `performance.now()`. */
  readonly at: Milliseconds;
  metadata: boolean;
  bytes: boolean;
  cacheTtl: Seconds | undefined;
  readonly readers: Reader[];
}

/**
 * The reads of one namespace. All that are asked for in one turn of the event loop, and all that
 * come while the gate is closed, wait together; identical keys wait once. When the gate lets one
 * request in, as many keys as it can carry go.
 */
export class Reads implements Lane {
  readonly #requests: Requests;
  readonly #gate: Gate;
  readonly #send: ReadRequests;
  readonly #batch: BatchSettings;
  readonly #stats: KVStats;
  readonly #waiting: Map<string, Asked> = new Map();
  readonly #outstanding: Outstanding = new Outstanding();
  readonly #gathering: Gathering;
  /** Whether the gate has refused what is next. */
  #held = false;
  /** Nothing that waits has an earlier deadline. */
  #nextEnd: Milliseconds = Number.POSITIVE_INFINITY;

  constructor(requests: Requests, send: ReadRequests, stats: KVStats) {
    this.#requests = requests;
    this.#gate = requests.gate;
    this.#send = send;
    this.#batch = requests.settings.batch;
    this.#stats = stats;
    this.#gathering = new Gathering(this.#batch.window, () => this.#gate.open());
  }

  /** Reads one key. */
  one(wanted: Wanted, options: KVCallOptions): Promise<Found | null> {
    const reader = new OneRead(this.#requests, options);
    if (this.#requests.settings.shared) this.#askAll([wanted], reader);
    else this.#askAlone(wanted, reader);
    return reader.promise;
  }

  /** Reads any number of distinct keys; one that does not exist is not in the map. */
  many(wanted: readonly Wanted[], options: KVCallOptions): Promise<Map<string, Found>> {
    const reader = new ManyReads(this.#requests, options, wanted.length);
    this.#askAll(wanted, reader);
    return reader.promise;
  }

  /** From now on nothing waits for others. */
  hurry(): void {
    this.#gathering.hurry();
  }

  /** Resolves when nothing waits and nothing is under way. */
  drained(): Promise<void> {
    return this.#outstanding.atMost(0);
  }

  get since(): Milliseconds {
    for (const { at } of this.#waiting.values()) return at;
    return Number.POSITIVE_INFINITY;
  }

  need(): Need | undefined {
    if (this.#waiting.size === 0 || this.#gathering.active) return undefined;
    return this.#waiting.size >= this.#batch.maxKeys ? "full" : "partial";
  }

  go(): void {
    this.#held = false;
    const batch: Asked[] = [];
    for (const asked of this.#waiting.values()) {
      this.#waiting.delete(asked.key);
      batch.push(asked);
      if (batch.length === this.#batch.maxKeys) break;
    }
    void this.#read(batch, true);
  }

  expire(now: Milliseconds, opens: Milliseconds): Milliseconds {
    if (!this.#held) this.#stats.waits++;
    this.#held = true;
    if (now < this.#nextEnd) return this.#nextEnd;
    this.#nextEnd = Number.POSITIVE_INFINITY;
    for (const asked of this.#waiting.values()) {
      for (const reader of asked.readers) {
        if (reader.settled) continue;
        if (reader.end <= now) reader.reject(outOfBudget(now, opens));
        else this.#nextEnd = Math.min(this.#nextEnd, reader.end);
      }
      this.#dropUnwanted(asked);
    }
    return this.#nextEnd;
  }

  #leave(all: readonly Asked[]): void {
    for (const asked of all) this.#dropUnwanted(asked);
    // The gate may have nothing left to wait for.
    this.#gate.open();
  }

  #dropUnwanted(asked: Asked): void {
    if (isWanted(asked) || this.#waiting.get(asked.key) !== asked) return;
    this.#waiting.delete(asked.key);
    this.#outstanding.remove();
  }

  #askAll(wanted: readonly Wanted[], reader: Reader): void {
    if (wanted.length === 0) return;
    const all = wanted.map((one) => this.#ask(one, reader));
    if (reader.mayLeave) reader.onLeave(() => this.#leave(all));
    this.#nextEnd = Math.min(this.#nextEnd, reader.end);
    this.#gathering.begin();
  }

  #ask({ key, metadata, bytes, cacheTtl }: Wanted, reader: Reader): Asked {
    this.#stats.readKeys++;
    let asked = this.#waiting.get(key);
    if (asked) {
      this.#stats.sharedReads++;
      asked.metadata ||= metadata;
      asked.bytes ||= bytes;
      asked.cacheTtl = fresher(asked.cacheTtl, cacheTtl);
      asked.readers.push(reader);
    } else {
      asked = { key, at: reader.at, metadata, bytes, cacheTtl, readers: [reader] };
      this.#waiting.set(key, asked);
      this.#outstanding.add();
      this.#gate.budget.demand(asked.at);
    }
    return asked;
  }

  #askAlone(wanted: Wanted, reader: Reader): void {
    this.#stats.readKeys++;
    this.#outstanding.add();
    void this.#read([{ cacheTtl: undefined, ...wanted, at: reader.at, readers: [reader] }], false);
  }

  async #read(batch: readonly Asked[], admitted: boolean): Promise<void> {
    const readers: Reader[] = [];
    // One key may have more readers than a call may have arguments.
    for (const asked of batch) for (const reader of asked.readers) readers.push(reader);
    let end = 0;
    for (const reader of readers) end = Math.max(end, reader.end);
    const cacheTtl = batch.map((asked) => asked.cacheTtl).reduce(fresher);
    const terms = { end, admitted, signal: abandonedSignal(readers), cacheTtl };
    const stop = refuseAtEnds(readers, end, (reader) => reader.reject(this.#gate.lateError()));
    try {
      const [only] = batch;
      if (batch.length === 1 && !only!.metadata) {
        settle(only!, await this.#send.value(only!, terms));
      } else {
        const found = await this.#send.batch(batch, terms);
        for (const asked of batch) {
          const one = found.get(asked.key) ?? null;
          if (one instanceof KVError) for (const reader of asked.readers) reader.reject(one);
          else settle(asked, one);
        }
      }
    } catch (error) {
      for (const reader of readers) reader.reject(error);
    } finally {
      stop();
      this.#outstanding.remove(batch.length);
    }
  }
}

function isWanted({ readers }: Asked): boolean {
  return readers.some(({ settled }) => !settled);
}

/** Of two, the one that keeps both callers as fresh as they ask; who does not say gets what is usual. */
function fresher(one: Seconds | undefined, other: Seconds | undefined): Seconds | undefined {
  return (one ?? DEFAULT_CACHE_TTL_SECONDS) <= (other ?? DEFAULT_CACHE_TTL_SECONDS) ? one : other;
}

/** Hands out what was found, to each reader a copy of its own. */
function settle({ key, readers }: Asked, found: Found | null): void {
  for (let i = 0; i < readers.length; i++) readers[i]!.found(key, found && i > 0 ? copyOf(found) : found);
}

function copyOf({ value, metadata, ...found }: Found): Found {
  return { ...found, value: typeof value === "string" ? value : value.slice(0), metadata: structuredClone(metadata) };
}

class OneRead extends Caller<Found | null> implements Reader {
  found(_key: string, found: Found | null): void {
    this.resolve(found);
  }
}

class ManyReads extends Caller<Map<string, Found>> implements Reader {
  readonly #found: Map<string, Found> = new Map();
  #left: number;

  constructor(requests: Requests, options: KVCallOptions, count: number) {
    super(requests, options);
    this.#left = count;
    if (count === 0) this.resolve(this.#found);
  }

  found(key: string, found: Found | null): void {
    if (found !== null) this.#found.set(key, found);
    if (--this.#left === 0) this.resolve(this.#found);
  }
}
