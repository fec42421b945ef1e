import {
  FLOW,
  GET_WITH_EXPIRATION,
  JOIN_FLOW,
  joinsFlows,
  KVLimitError,
  MAX_BULK_GET_KEYS,
  MOST_BYTES,
  tellsExpiration,
  type InFlow,
  type KVEntry,
  type KVNamespace,
  type Milliseconds,
  type UpToBytes,
} from "@kvplug/core/seam";
import type { Circuit, Pass } from "./circuit.ts";
import { now } from "./clock.ts";
import { contentOf, serves, wantOf, type Content, type Want } from "./content.ts";
import type { Outstanding } from "./outstanding.ts";
import { inWorker, thisTurn } from "./platform.ts";
import type { CacheCounts } from "./stats.ts";
import type { Tagging } from "./tagging.ts";
import { UnderWay, type Work } from "./under-way.ts";

/** What the backend is to know of who asks: in which flow, and how many bytes it may get for many keys together. */
export type Asking = InFlow & UpToBytes;

/** A read of the backend that is under way, for all who wait for it. */
interface Flight extends Work, Pick<Content, "exact" | "described"> {
  readonly content: Promise<Content>;
  /** Who waits no longer than that may join it, until it is as old. */
  readonly patience: Milliseconds;
  readonly turn: number;
  /** Whether it may fail because its caller asked for too much together, which is nobody else's fault. */
  readonly limited: boolean;
}

/**
 * What a read finds that took longer is not kept: it may be older than the cache is to be. It is also for how long
 * reads are remembered that never settle.
 */
const MAX_AGE: Milliseconds = 60_000;

const TEXT: Want = wantOf("text", true);

/**
 * The reads of the backend: one at a time for each key, as long as that one is not older than those who come are
 * willing to wait. They ask for what tells when a key expires: the value with its metadata, or bytes as
 * {@link GET_WITH_EXPIRATION} reads them; for many keys at once as many in one call as a Worker's binding takes.
 */
export class Flights {
  /** For those who overtake them. */
  readonly underWay: UnderWay<Flight> = new UnderWay(MAX_AGE);
  readonly #backend: KVNamespace;
  readonly #circuit: Circuit;
  readonly #counts: CacheCounts;
  readonly #running: Outstanding;
  readonly #onLanded: (key: string, content: Content) => void;
  readonly #tagging: Tagging | undefined;

  /**
   * @param running Counts what is under way.
   * @param onLanded Called with what was found, before its callers are answered, unless the read was overtaken.
   */
  constructor(
    backend: KVNamespace,
    circuit: Circuit,
    counts: CacheCounts,
    running: Outstanding,
    onLanded: (key: string, content: Content) => void,
    tagging: Tagging | undefined,
  ) {
    this.#backend = backend;
    this.#circuit = circuit;
    this.#counts = counts;
    this.#running = running;
    this.#onLanded = onLanded;
    this.#tagging = tagging;
  }

  /** Whether a read of a key is under way that brings what is wanted, and is no older than `patience`. */
  has(key: string, want: Want, patience: Milliseconds): boolean {
    return this.#find(key, want, patience) !== undefined;
  }

  /** Reads a key, or joins who does. */
  one(key: string, want: Want, patience: Milliseconds, asking: Asking): Promise<Content> {
    const ask = (): Promise<Content> => this.#askOne(key, want, patience, asking);
    return this.#join(key, want, patience, asking, ask) ?? ask();
  }

  /** Reads distinct keys as text, or joins who does. */
  many(keys: readonly string[], want: Want, patience: Milliseconds, asking: Asking): Promise<Content>[] {
    const joined = new Map<string, Promise<Content>>();
    const missing: string[] = [];
    // With one call again: what it may get is for all of them together.
    let anew: Map<string, Promise<Content>> | undefined;
    const askAnew = (key: string): Promise<Content> => {
      if (anew === undefined) {
        anew = this.#askParts([...joined.keys()], patience, asking);
        // Some may have been found, and nobody waits for them a second time.
        for (const content of anew.values()) content.catch(() => {});
      }
      return anew.get(key)!;
    };
    for (const key of keys) {
      const content = this.#join(key, want, patience, asking, askAnew);
      if (content) joined.set(key, content);
      else missing.push(key);
    }
    const asked = this.#askParts(missing, patience, asking);
    return keys.map((key) => joined.get(key) ?? asked.get(key)!);
  }

  /** Asks for keys as text, with as few calls as it takes. */
  #askParts(keys: readonly string[], patience: Milliseconds, asking: Asking): Map<string, Promise<Content>> {
    const asked = new Map<string, Promise<Content>>();
    const limited = asking[MOST_BYTES] !== undefined;
    let pass: Pass | undefined;
    const enter = (): Pass => (pass ??= this.#circuit.enter());
    for (let start = 0; start < keys.length; start += MAX_BULK_GET_KEYS) {
      const part = keys.slice(start, start + MAX_BULK_GET_KEYS);
      const found = this.#askMany(part, enter, asking);
      for (const key of part) {
        const content = found.then((entries) => {
          const entry = entries.get(key);
          // A Worker's binding loses some keys here, such as "0".
          return entry === undefined ? this.#ask(key, TEXT, enter, asking) : contentOf(entry, true);
        });
        asked.set(key, this.#begin(key, { exact: false, described: true, limited }, patience, content));
      }
    }
    return asked;
  }

  /** @param askAnew Asks for a key where the read that is joined fails for what its own caller asked. */
  #join(
    key: string,
    want: Want,
    patience: Milliseconds,
    { [FLOW]: flow }: Asking,
    askAnew: (key: string) => Promise<Content>,
  ): Promise<Content> | undefined {
    const flight = this.#find(key, want, patience);
    // In a Worker it may be of a request that ends before it does.
    if (flight === undefined || (inWorker && flight.turn !== thisTurn())) return undefined;
    this.#counts.coalesced++;
    if (flow !== undefined && joinsFlows(this.#backend)) this.#backend[JOIN_FLOW](key, flow);
    if (!flight.limited) return flight.content;
    return flight.content.catch((error: unknown) => {
      if (error instanceof KVLimitError) return askAnew(key);
      throw error;
    });
  }

  #find(key: string, want: Want, patience: Milliseconds): Flight | undefined {
    for (const flight of this.underWay.of(key)) {
      const isYoung = now() - flight.begunAt < flight.patience && patience <= flight.patience;
      if (isYoung && serves(flight, want)) return flight;
    }
    return undefined;
  }

  #askOne(key: string, want: Want, patience: Milliseconds, asking: Asking): Promise<Content> {
    const described = want.metadata || !want.bytes || !this.#bringsBytesAlone;
    const content = this.#ask(key, { bytes: want.bytes, metadata: described }, () => this.#circuit.enter(), asking);
    return this.#begin(key, { exact: want.bytes, described, limited: false }, patience, content);
  }

  #begin(
    key: string,
    { exact, described, limited }: Pick<Flight, "exact" | "described" | "limited">,
    patience: Milliseconds,
    asked: Promise<Content>,
  ): Promise<Content> {
    const tagging = this.#tagging;
    const settled = tagging === undefined ? asked : asked.then((found) => tagging.settle(key, found));
    const content = settled.then(
      (found) => {
        this.#running.end();
        this.#land(flight, found);
        return found;
      },
      (error: unknown) => {
        this.#running.end();
        this.underWay.end(flight);
        throw error;
      },
    );
    const turn = inWorker ? thisTurn() : 0;
    const begunAt = now();
    const flight: Flight = { key, exact, described, limited, content, patience, turn, begunAt, overtaken: false };
    this.underWay.begin(flight);
    this.#running.begin();
    return content;
  }

  #land(flight: Flight, found: Content): void {
    // What began before it may have found what was there before.
    if (!flight.overtaken) this.underWay.overtakeOlder(flight);
    if (this.underWay.end(flight)) this.#onLanded(flight.key, found);
  }

  /** Whether bytes may be read without metadata, where tags would be. */
  get #bringsBytesAlone(): boolean {
    return this.#tagging === undefined && tellsExpiration(this.#backend);
  }

  /** Asks the backend for a key, as far as the circuit lets it. */
  async #ask(key: string, want: Want, enter: () => Pass, asking: Asking): Promise<Content> {
    const pass = this.#enter(1, enter);
    const backend = this.#backend;
    try {
      let content: Content;
      if (!want.bytes) content = contentOf(await backend.getWithMetadata(key, reading("text", asking)), true);
      else if (!want.metadata && this.#bringsBytesAlone && tellsExpiration(backend))
        content = contentOf(await backend[GET_WITH_EXPIRATION](key, "arrayBuffer"), false);
      else content = contentOf(await backend.getWithMetadata(key, reading("arrayBuffer", asking)), true);
      this.#circuit.succeeded();
      return content;
    } catch (error) {
      this.#circuit.failed(pass, error);
      throw error;
    }
  }

  /**
   * As {@link #ask}, for many keys as text. One more async function around both would cost each read that waits 0.5 KB:
   * a seventh of all that it takes.
   */
  async #askMany(keys: string[], enter: () => Pass, asking: Asking): Promise<Map<string, KVEntry<string> | null>> {
    const pass = this.#enter(keys.length, enter);
    try {
      const entries = await this.#backend.getWithMetadata(keys, reading("text", asking));
      this.#circuit.succeeded();
      return entries;
    } catch (error) {
      this.#circuit.failed(pass, error);
      throw error;
    }
  }

  #enter(keys: number, enter: () => Pass): Pass {
    const pass = enter();
    this.#counts.backendReads += keys;
    return pass;
  }
}

/** The options of a read: where the call says nothing of itself, in the form that every backend takes. */
function reading<Type extends "text" | "arrayBuffer">(type: Type, asking: Asking): { type: Type } {
  const { [FLOW]: flow, [MOST_BYTES]: mostBytes } = asking;
  if (flow === undefined && mostBytes === undefined) return type as never;
  const options: { type: Type } & Asking = { type, [FLOW]: flow, [MOST_BYTES]: mostBytes };
  return options;
}
