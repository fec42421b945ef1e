import {
  aboutKey,
  checkKey,
  type InFlow,
  type KVCallOptions,
  type Milliseconds,
  type UpToBytes,
} from "@kvplug/core/seam";
import { isOutage, type Circuit } from "./circuit.ts";
import { now } from "./clock.ts";
import { isExpired, MISSING, valueOf, wantOf, type Content, type Want } from "./content.ts";
import type { Copies, Copy } from "./copies.ts";
import { events } from "./events.ts";
import type { Seat } from "./flight.ts";
import type { Asking, Flights } from "./flights.ts";
import type { CacheSettings } from "./options.ts";
import type { PendingWrites } from "./pending-writes.ts";
import type { CacheCounts } from "./stats.ts";
import type { Tagging } from "./tagging.ts";
import { LATE, waitFor, within, type Patience } from "./waiting.ts";

const WANT_TEXT: Want = wantOf("text", false);

/** What a read may say: how long its caller waits, and what the backend is to know of the caller. */
export type ReadCall = KVCallOptions & InFlow & UpToBytes;

/** The reads of a cache: they look among the writes under way, then among the copies, then ask the backend. */
export class ReadThrough {
  readonly #settings: CacheSettings;
  readonly #counts: CacheCounts;
  readonly #pending: PendingWrites;
  readonly #copies: Copies;
  readonly #circuit: Circuit;
  readonly #flights: Flights;
  readonly #tagging: Tagging | undefined;

  constructor(
    settings: CacheSettings,
    counts: CacheCounts,
    pending: PendingWrites,
    copies: Copies,
    circuit: Circuit,
    flights: Flights,
    tagging: Tagging | undefined,
  ) {
    this.#settings = settings;
    this.#counts = counts;
    this.#pending = pending;
    this.#copies = copies;
    this.#circuit = circuit;
    this.#flights = flights;
    this.#tagging = tagging;
  }

  /** What needs no asking: a write under way, or a fresh copy. That is a hit. */
  known(key: string, want: Want): Content | undefined {
    const known = this.#look(key, want);
    if (known === undefined) return undefined;
    this.#counts.hits++;
    if (events.hasSubscribers) events.publish({ type: "hit", key });
    return known;
  }

  /** As {@link known}, as text; counts as no hit. */
  peek(key: string): string | null | undefined {
    const known = this.#look(key, WANT_TEXT);
    return known && (valueOf(key, known, "text") as string | null);
  }

  /** A key: what is known of it, or what the backend tells. @throws {KVError} for what can be no key. */
  one(key: string, want: Want, call: ReadCall): Content | Promise<Content> {
    const known = this.known(key, want);
    if (known !== undefined) return known;
    checkKey(key);
    return this.judged(key, call) ?? this.#ask(key, want, this.patienceOf(call), call);
  }

  /** Keys in their order; the backend is asked once for all that must be asked for. */
  async many(keys: readonly string[], want: Want, call: ReadCall): Promise<Content[]> {
    const contents = new Map<string, Content>();
    const missing: string[] = [];
    const waits: Promise<unknown>[] = [];
    for (const key of new Set(keys)) {
      const known = this.known(key, want);
      const judged = known === undefined ? this.judged(key, call) : undefined;
      if (known !== undefined) contents.set(key, known);
      else if (judged === undefined) missing.push(key);
      else waits.push(judged.then((content) => contents.set(key, content)));
    }
    if (missing.length > 0) waits.push(this.#askMany(missing, want, this.patienceOf(call), call, contents));
    if (waits.length > 0) await Promise.all(waits);
    return keys.map((key) => contents.get(key)!);
  }

  /**
   * A write under way that {@link known} leaves out until its tags are read; `undefined` where there is none. Where they
   * cannot be read, it is judged by what is known of them.
   */
  judged(key: string, call: KVCallOptions): Promise<Content> | undefined {
    const doubted = this.#doubted(key);
    return doubted && this.#judge(key, doubted, this.patienceOf(call));
  }

  /** How long a call waits. */
  patienceOf({ signal, deadline = this.#settings.deadline }: KVCallOptions): Patience {
    return { signal, deadline };
  }

  #look(key: string, want: Want): Content | undefined {
    const write = this.#pending.none ? undefined : this.#pending.last(key);
    if (write === undefined) return this.#copies.fresh(key, want);
    const { content } = write;
    if (content === undefined || this.#doubted(key) !== undefined) return undefined;
    return this.#usable(content);
  }

  /** What a write under way leaves, by what is known of its tags. */
  #usable(content: Content): Content {
    return isExpired(content) || this.#tagging?.isGood(content) === false ? MISSING : content;
  }

  /** A write under way whose tags must be read first: somebody else may have invalidated them since it was made. */
  #doubted(key: string): Content | undefined {
    if (this.#tagging === undefined || this.#pending.none) return undefined;
    const content = this.#pending.last(key)?.content;
    return content?.seen !== undefined && !this.#tagging.tags.isKnown(Object.keys(content.seen)) ? content : undefined;
  }

  async #judge(key: string, content: Content, patience: Patience): Promise<Content> {
    try {
      await waitFor(key, this.#tagging!.tags.read(Object.keys(content.seen!)), patience);
    } catch (error) {
      if (!isOutage(error)) throw error;
    }
    this.#counts.hits++;
    if (events.hasSubscribers) events.publish({ type: "hit", key });
    return this.#usable(content);
  }

  #ask(key: string, want: Want, patience: Patience, asking: Asking): Content | Promise<Content> {
    const refreshed: string[] = [];
    const stale = this.#atOnce(key, want, refreshed);
    if (stale === undefined) this.#miss(key);
    else if (refreshed.length === 0) return stale;
    const seat = this.#flights.one(key, this.#copies.widened(key, want), this.#longest(patience), asking);
    this.#tagging?.askAlong(this.#copies.tagsOf(key));
    if (stale !== undefined) {
      this.#refresh(key, seat);
      return stale;
    }
    const found = this.#mayBeStale(key, want)
      ? this.#orStale(key, want, seat.content, patience)
      : waitFor(key, seat.content, patience);
    return found.catch((error: unknown) => {
      seat.leave();
      // It may be the flight of many keys.
      throw aboutKey(error, key, "read");
    });
  }

  /** As {@link #ask} for each, with one call of the backend for all that must be asked for. */
  async #askMany(
    keys: readonly string[],
    want: Want,
    patience: Patience,
    asking: Asking,
    contents: Map<string, Content>,
  ): Promise<void> {
    const refreshed: string[] = [];
    const missing = keys.filter((key) => {
      const stale = this.#atOnce(key, want, refreshed);
      if (stale === undefined) this.#miss(key);
      else contents.set(key, stale);
      return stale === undefined;
    });
    const asked = [...missing, ...refreshed];
    const seats = this.#flights.many(asked, want, this.#longest(patience), asking);
    this.#tagging?.askAlong(asked.flatMap((key) => this.#copies.tagsOf(key)));
    for (let i = missing.length; i < asked.length; i++) this.#refresh(asked[i]!, seats[i]!);
    const keep = (key: string, found: Promise<Content>): Promise<unknown> =>
      found.then((content) => contents.set(key, content));
    const waits: Promise<unknown>[] = [];
    const cold: Promise<unknown>[] = [];
    for (const [i, key] of missing.entries()) {
      const { content } = seats[i]!;
      if (this.#mayBeStale(key, want)) waits.push(keep(key, this.#orStale(key, want, content, patience)));
      else cold.push(keep(key, content));
    }
    // One timer for all of them.
    if (cold.length > 0) waits.push(waitFor(missing[0]!, Promise.all(cold), patience));
    try {
      await Promise.all(waits);
    } catch (error) {
      for (let i = 0; i < missing.length; i++) seats[i]!.leave();
      throw error;
    }
  }

  /**
   * The copy that a read is answered with at once, though it is stale.
   *
   * @param refreshed Takes the key where a newer one is to be fetched.
   */
  #atOnce(key: string, want: Want, refreshed: string[]): Content | undefined {
    const { staleWhileRevalidate, staleIfError, deadline } = this.#settings;
    const { open } = this.#circuit;
    const window = open ? Math.max(staleWhileRevalidate, staleIfError) : staleWhileRevalidate;
    const stale = this.#copies.stale(key, want, window);
    if (stale === undefined) return undefined;
    if (!open && !this.#flights.has(key, want, deadline)) refreshed.push(key);
    return this.#serveStale(key, stale, open ? "circuit" : "revalidating");
  }

  /** Others may wait for longer. */
  #longest({ deadline }: Patience): Milliseconds {
    return Math.max(deadline, this.#settings.deadline);
  }

  /** Nobody waits for it, and it never leaves its seat: what it finds is for those to come. */
  #refresh(key: string, { content }: Seat): void {
    content.catch((error: unknown) => {
      this.#counts.errors++;
      if (events.hasSubscribers) events.publish({ type: "error", during: "refresh", key, error });
    });
  }

  #miss(key: string): void {
    this.#counts.misses++;
    if (events.hasSubscribers) events.publish({ type: "miss", key });
  }

  #mayBeStale(key: string, want: Want): boolean {
    return this.#copies.stale(key, want, this.#settings.staleIfError) !== undefined;
  }

  /** What is found, or a stale copy where the backend fails or is slow and `staleIfError` allows it. */
  async #orStale(key: string, want: Want, flight: Promise<Content>, patience: Patience): Promise<Content> {
    const { fetchTimeout = Number.POSITIVE_INFINITY } = this.#settings;
    const { deadline, signal } = patience;
    const begunAt = now();
    try {
      const found = await within(Math.min(fetchTimeout, deadline), flight, signal);
      if (found !== LATE) return found;
    } catch (error) {
      if (signal?.aborted || !isOutage(error)) throw error;
      const instead = this.#instead(key, want, "error");
      if (instead === undefined) throw error;
      return instead;
    }
    return this.#instead(key, want, "slow") ?? waitFor(key, flight, patience, deadline - (now() - begunAt));
  }

  /** What is known by now, or may still be returned: since the read began, the key may have been written, or have expired. */
  #instead(key: string, want: Want, why: "error" | "slow"): Content | undefined {
    const known = this.#look(key, want);
    if (known !== undefined) return known;
    const stale = this.#copies.stale(key, want, this.#settings.staleIfError);
    return stale && this.#serveStale(key, stale, why);
  }

  #serveStale(key: string, stale: Copy, why: "revalidating" | "error" | "slow" | "circuit"): Content {
    this.#counts.stale++;
    if (events.hasSubscribers) events.publish({ type: "stale", key, why });
    return stale;
  }
}
