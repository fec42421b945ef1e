import { checkKey } from "@kvplug/core/seam";
import { isOutage, type Circuit } from "./circuit.ts";
import type { Content } from "./content.ts";
import type { Copies, Copy } from "./copies.ts";
import { events } from "./events.ts";
import type { Flights } from "./flights.ts";
import type { CacheSettings } from "./options.ts";
import type { PendingWrites } from "./pending-writes.ts";
import type { CacheCounts } from "./stats.ts";
import { within } from "./waiting.ts";

/** The reads of a cache: they look among the writes under way, then among the copies, then ask the backend. */
export class ReadThrough {
  readonly #settings: CacheSettings;
  readonly #counts: CacheCounts;
  readonly #pending: PendingWrites;
  readonly #copies: Copies;
  readonly #circuit: Circuit;
  readonly #flights: Flights;

  constructor(
    settings: CacheSettings,
    counts: CacheCounts,
    pending: PendingWrites,
    copies: Copies,
    circuit: Circuit,
    flights: Flights,
  ) {
    this.#settings = settings;
    this.#counts = counts;
    this.#pending = pending;
    this.#copies = copies;
    this.#circuit = circuit;
    this.#flights = flights;
  }

  /** What needs no asking: a write under way, or a fresh copy. That is a hit. */
  known(key: string, bytes: boolean): Content | undefined {
    const write = this.#pending.none ? undefined : this.#pending.last(key);
    const known = write === undefined ? this.#fresh(key, bytes) : write.content;
    if (known === undefined) return undefined;
    this.#counts.hits++;
    if (events.hasSubscribers) events.publish({ type: "hit", key });
    return known;
  }

  /** A key: what is known of it, or what the backend tells. @throws {KVError} for what can be no key. */
  one(key: string, bytes: boolean): Content | Promise<Content> {
    const known = this.known(key, bytes);
    if (known !== undefined) return known;
    checkKey(key);
    return this.#ask(key, bytes);
  }

  /** Keys in their order; the backend is asked once for all that must be asked for. */
  async many(keys: readonly string[]): Promise<Content[]> {
    const contents = new Map<string, Content>();
    const missing: string[] = [];
    for (const key of new Set(keys)) {
      const known = this.known(key, false);
      if (known === undefined) missing.push(key);
      else contents.set(key, known);
    }
    if (missing.length > 0) {
      const found = await Promise.all(this.#askMany(missing));
      missing.forEach((key, i) => contents.set(key, found[i]!));
    }
    return keys.map((key) => contents.get(key)!);
  }

  #fresh(key: string, bytes: boolean): Copy | undefined {
    const copy = this.#copies.get(key);
    return copy !== undefined && Date.now() < copy.freshUntil && serves(copy, bytes) ? copy : undefined;
  }

  #ask(key: string, bytes: boolean): Content | Promise<Content> {
    const stale = this.#stale(key, bytes);
    if (stale !== undefined && this.#circuit.open) return this.#serveStale(key, stale, "circuit");
    if (stale !== undefined && this.#isRevalidated(stale)) {
      if (!this.#flights.has(key, bytes)) this.#refresh(key, this.#flights.one(key, bytes));
      return this.#serveStale(key, stale, "revalidating");
    }
    this.#miss(key);
    const found = this.#flights.one(key, bytes);
    return stale === undefined ? found : this.#orStale(key, found, stale);
  }

  /** As {@link #ask} for each, with one call of the backend for all that must be asked for. */
  #askMany(keys: readonly string[]): Promise<Content>[] {
    const cold: string[] = [];
    const refreshed: string[] = [];
    for (const key of keys) {
      const stale = this.#stale(key, false);
      if (stale === undefined || !(this.#circuit.open || this.#isRevalidated(stale))) cold.push(key);
      else if (!this.#circuit.open && !this.#flights.has(key, false)) refreshed.push(key);
    }
    const found = this.#flights.many([...cold, ...refreshed]);
    refreshed.forEach((key, i) => this.#refresh(key, found[cold.length + i]!));
    const flights = new Map(cold.map((key, i) => [key, found[i]!]));
    return keys.map((key) => {
      const flight = flights.get(key);
      if (flight === undefined) return Promise.resolve(this.#ask(key, false));
      this.#miss(key);
      const stale = this.#stale(key, false);
      return stale === undefined ? flight : this.#orStale(key, flight, stale);
    });
  }

  /** A copy that is past its time, and may still be handed out for want of a better one. */
  #stale(key: string, bytes: boolean): Copy | undefined {
    const copy = this.#copies.get(key);
    return copy !== undefined && Date.now() < copy.usableUntil && serves(copy, bytes) ? copy : undefined;
  }

  #isRevalidated({ freshUntil }: Copy): boolean {
    return Date.now() < freshUntil + this.#settings.staleWhileRevalidate;
  }

  /** Nobody waits for it. */
  #refresh(key: string, flight: Promise<Content>): void {
    flight.catch((error: unknown) => {
      this.#counts.errors++;
      if (events.hasSubscribers) events.publish({ type: "error", during: "refresh", key, error });
    });
  }

  /** What is found, or the stale copy where the backend fails or is slow and `staleIfError` allows it. */
  async #orStale(key: string, found: Promise<Content>, stale: Copy): Promise<Content> {
    const { staleIfError, fetchTimeout } = this.#settings;
    if (Date.now() >= stale.freshUntil + staleIfError) return found;
    try {
      if (fetchTimeout === undefined) return await found;
      return (await within(fetchTimeout, found)) ?? this.#serveStale(key, stale, "slow");
    } catch (error) {
      if (!isOutage(error)) throw error;
      return this.#serveStale(key, stale, "error");
    }
  }

  #serveStale(key: string, stale: Copy, why: "revalidating" | "error" | "slow" | "circuit"): Content {
    this.#counts.stale++;
    if (events.hasSubscribers) events.publish({ type: "stale", key, why });
    return stale;
  }

  #miss(key: string): void {
    this.#counts.misses++;
    if (events.hasSubscribers) events.publish({ type: "miss", key });
  }
}

/** Text that was read may stand for bytes that are none, so it serves nobody who wants bytes. */
function serves({ exact }: Content, bytes: boolean): boolean {
  return exact || !bytes;
}
