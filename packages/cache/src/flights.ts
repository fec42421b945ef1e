import { MAX_BULK_GET_KEYS, type KVEntry, type KVNamespace } from "@kvplug/core/seam";
import type { Circuit } from "./circuit.ts";
import { contentOf, type Content } from "./content.ts";
import type { CacheCounts } from "./stats.ts";

/** A read of the backend that is under way, for all who wait for it. */
interface Flight {
  readonly content: Promise<Content>;
  /** Whether the key was written or invalidated since: what the read finds may be older than that. */
  overtaken: boolean;
}

/**
 * The reads of the backend: one at a time for each key. It asks with metadata, which alone tells when
 * a key expires; for many keys at once as many in one call as a Worker's binding takes.
 */
export class Flights {
  readonly #backend: KVNamespace;
  readonly #circuit: Circuit;
  readonly #counts: CacheCounts;
  readonly #onLanded: (key: string, content: Content) => void;
  readonly #text: Map<string, Flight> = new Map();
  readonly #bytes: Map<string, Flight> = new Map();

  /** @param onLanded Told what was found, before any who wait for it, unless the read was overtaken. */
  constructor(
    backend: KVNamespace,
    circuit: Circuit,
    counts: CacheCounts,
    onLanded: (key: string, content: Content) => void,
  ) {
    this.#backend = backend;
    this.#circuit = circuit;
    this.#counts = counts;
    this.#onLanded = onLanded;
  }

  /** Whether a read of a key is under way that brings it as text or as bytes. */
  has(key: string, bytes: boolean): boolean {
    return this.#flight(key, bytes) !== undefined;
  }

  /** Reads a key, as text or as bytes, or joins who does. */
  one(key: string, bytes: boolean): Promise<Content> {
    return this.#flying(key, bytes) ?? this.#start(key, bytes, this.#ask(key, bytes));
  }

  /** Reads distinct keys as text, or joins who does. */
  many(keys: readonly string[]): Promise<Content>[] {
    const asked = new Map<string, Promise<Content>>();
    const missing: string[] = [];
    for (const key of keys) {
      const flying = this.#flying(key, false);
      if (flying) asked.set(key, flying);
      else missing.push(key);
    }
    for (let start = 0; start < missing.length; start += MAX_BULK_GET_KEYS) {
      const part = missing.slice(start, start + MAX_BULK_GET_KEYS);
      const found = this.#askMany(part);
      for (const key of part) {
        const content = found.then((entries) => {
          const entry = entries.get(key);
          // A Worker's binding loses some keys here, such as "0".
          return entry === undefined ? this.#ask(key, false) : contentOf(entry);
        });
        asked.set(key, this.#start(key, false, content));
      }
    }
    return keys.map((key) => asked.get(key)!);
  }

  /** A key is written or invalidated: who waits for it gets what is found, and nobody else does. */
  overtake(key: string): void {
    overtakeIn(this.#text, key);
    overtakeIn(this.#bytes, key);
  }

  overtakePrefix(prefix: string): void {
    for (const flights of [this.#text, this.#bytes]) {
      for (const key of flights.keys()) if (key.startsWith(prefix)) overtakeIn(flights, key);
    }
  }

  #flight(key: string, bytes: boolean): Flight | undefined {
    return this.#bytes.get(key) ?? (bytes ? undefined : this.#text.get(key));
  }

  #flying(key: string, bytes: boolean): Promise<Content> | undefined {
    const flight = this.#flight(key, bytes);
    if (flight) this.#counts.coalesced++;
    return flight?.content;
  }

  #start(key: string, bytes: boolean, content: Promise<Content>): Promise<Content> {
    const flights = bytes ? this.#bytes : this.#text;
    const flight: Flight = {
      overtaken: false,
      content: content.then(
        (found) => {
          if (flights.get(key) === flight) flights.delete(key);
          if (!flight.overtaken) this.#onLanded(key, found);
          return found;
        },
        (error: unknown) => {
          if (flights.get(key) === flight) flights.delete(key);
          throw error;
        },
      ),
    };
    flights.set(key, flight);
    return flight.content;
  }

  #ask(key: string, bytes: boolean): Promise<Content> {
    return this.#watched(1, async () => {
      const entry: KVEntry<string | ArrayBuffer> = bytes
        ? await this.#backend.getWithMetadata(key, "arrayBuffer")
        : await this.#backend.getWithMetadata(key, "text");
      return contentOf(entry);
    });
  }

  #askMany(keys: string[]): Promise<Map<string, KVEntry<string> | null>> {
    return this.#watched(keys.length, () => this.#backend.getWithMetadata(keys, "text"));
  }

  /** Asks the backend, as far as the circuit lets it. */
  async #watched<Result>(keys: number, ask: () => Promise<Result>): Promise<Result> {
    this.#circuit.enter();
    this.#counts.backendReads += keys;
    try {
      const result = await ask();
      this.#circuit.succeeded();
      return result;
    } catch (error) {
      this.#circuit.failed(error);
      throw error;
    }
  }
}

function overtakeIn(flights: Map<string, Flight>, key: string): void {
  const flight = flights.get(key);
  if (flight === undefined) return;
  flight.overtaken = true;
  flights.delete(key);
}
