import {
  FLOW,
  GET_WITH_EXPIRATION,
  isKVError,
  JOIN_FLOW,
  joinsFlows,
  MAX_BULK_GET_KEYS,
  MOST_BYTES,
  tellsExpiration,
  WITHDRAWAL,
  type InFlow,
  type KVEntry,
  type KVNamespace,
  type Milliseconds,
  type UpToBytes,
  type Withdrawable,
} from "@kvplug/core/seam";
import type { Circuit, Pass } from "./circuit.ts";
import { now } from "./clock.ts";
import { contentOf, serves, wantOf, type Content, type Want } from "./content.ts";
import { Flight, type Seat } from "./flight.ts";
import type { Outstanding } from "./outstanding.ts";
import { inWorker, thisTurn } from "./platform.ts";
import { SharedCall } from "./shared-call.ts";
import type { CacheCounts } from "./stats.ts";
import type { Tagging } from "./tagging.ts";
import { UnderWay } from "./under-way.ts";

/** What the backend is to know of who asks: in which flow, and how many bytes it may get for many keys together. */
export type Asking = InFlow & UpToBytes;

/** The same of a call for all who join it, with what withdraws it where the backend knows that. */
type Call = Asking & Withdrawable;

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

  /** Reads a key, or joins who does. Leave the seat when nobody waits in it any more. */
  one(key: string, want: Want, patience: Milliseconds, asking: Asking): Seat {
    const ask = (): Seat => this.#askOne(key, want, patience, asking);
    // All who ask anew do so together.
    const askAnew = (): Seat => this.#join(key, want, patience, asking) ?? ask();
    const seat = this.#join(key, want, patience, asking, askAnew);
    if (seat === undefined) return ask();
    this.#counts.coalesced++;
    return seat;
  }

  /** Reads distinct keys as text, or joins who does. */
  many(keys: readonly string[], want: Want, patience: Milliseconds, asking: Asking): Seat[] {
    const joined = new Map<string, Seat>();
    const missing: string[] = [];
    // With one call again: what it may get is for all of them together.
    let anew: Map<string, Seat> | undefined;
    const spared = new Set<string>();
    const spare = (key: string): void => {
      spared.add(key);
      anew?.get(key)?.leave();
    };
    const askAnew = (key: string): Seat => {
      if (anew === undefined) {
        const mayFail = [...joined].filter(([other, seat]) => !(seat instanceof Flight || spared.has(other)));
        const keysAnew = mayFail.map(([other]) => other);
        anew = this.#askParts(keysAnew, patience, asking);
        // Some may have been found, and nobody waits for them a second time.
        for (const { content } of anew.values()) content.catch(() => {});
      }
      return anew.get(key)!;
    };
    for (const key of keys) {
      const seat = this.#join(key, want, patience, asking, askAnew, spare);
      if (seat === undefined) {
        missing.push(key);
        continue;
      }
      this.#counts.coalesced++;
      joined.set(key, seat);
    }
    const asked = this.#askParts(missing, patience, asking);
    return keys.map((key) => joined.get(key) ?? asked.get(key)!);
  }

  /** Asks for keys as text, with as few calls as it takes. */
  #askParts(keys: readonly string[], patience: Milliseconds, asking: Asking): Map<string, Seat> {
    const asked = new Map<string, Seat>();
    const limited = asking[MOST_BYTES] !== undefined;
    let pass: Pass | undefined;
    const enter = (): Pass => (pass ??= this.#circuit.enter());
    for (let start = 0; start < keys.length; start += MAX_BULK_GET_KEYS) {
      const part = keys.slice(start, start + MAX_BULK_GET_KEYS);
      const call = this.#callOf(asking);
      const found = this.#askMany(part, enter, call);
      for (const key of part) {
        const content = found.then((entries) => {
          const entry = entries.get(key);
          // A Worker's binding loses some keys here, such as "0".
          return entry === undefined ? this.#ask(key, TEXT, enter, call) : contentOf(entry, true);
        });
        asked.set(key, this.#begin(key, { exact: false, described: true, limited }, patience, content, call));
      }
    }
    return asked;
  }

  /** @param askAnew Asks for a key where the read that is joined fails for what others wanted. Default: none such is joined. */
  #join(
    key: string,
    want: Want,
    patience: Milliseconds,
    { [FLOW]: flow }: Asking,
    askAnew?: (key: string) => Seat,
    spare?: (key: string) => void,
  ): Seat | undefined {
    const flight = this.#find(key, want, patience);
    // In a Worker it may be of a request that ends before it does.
    if (flight === undefined || (inWorker && flight.turn !== thisTurn())) return undefined;
    if (askAnew === undefined && flight.mayFailForOthers) return undefined;
    if (flow !== undefined && joinsFlows(this.#backend)) this.#backend[JOIN_FLOW](key, flow);
    return flight.join(askAnew, spare);
  }

  #find(key: string, want: Want, patience: Milliseconds): Flight | undefined {
    for (const flight of this.underWay.of(key)) {
      const isYoung = now() - flight.begunAt < flight.patience && patience <= flight.patience;
      if (isYoung && serves(flight, want)) return flight;
    }
    return undefined;
  }

  #askOne(key: string, want: Want, patience: Milliseconds, asking: Asking): Seat {
    const described = want.metadata || !want.bytes || !this.#bringsBytesAlone;
    const call = this.#callOf(asking);
    const content = this.#ask(key, { bytes: want.bytes, metadata: described }, () => this.#circuit.enter(), call);
    return this.#begin(key, { exact: want.bytes, described, limited: false }, patience, content, call);
  }

  #callOf(asking: Asking): Call {
    if (!joinsFlows(this.#backend)) return asking;
    return { [FLOW]: asking[FLOW], [MOST_BYTES]: asking[MOST_BYTES], [WITHDRAWAL]: new SharedCall() };
  }

  #begin(
    key: string,
    { exact, described, limited }: Pick<Flight, "exact" | "described" | "limited">,
    patience: Milliseconds,
    asked: Promise<Content>,
    call: Call,
  ): Seat {
    const tagging = this.#tagging;
    const settled = tagging === undefined ? asked : asked.then((found) => tagging.settle(key, found));
    const turn = inWorker ? thisTurn() : 0;
    const about = { key, exact, described, limited, patience, turn, begunAt: now() };
    const flight = new Flight(about, call[WITHDRAWAL] as SharedCall | undefined);
    flight.content = settled.then(
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
    this.underWay.begin(flight);
    this.#running.begin();
    return flight;
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
  async #ask(key: string, want: Want, enter: () => Pass, call: Call): Promise<Content> {
    const pass = this.#enter(1, enter);
    const backend = this.#backend;
    try {
      let content: Content;
      if (!want.bytes) content = contentOf(await backend.getWithMetadata(key, reading("text", call)), true);
      else if (!want.metadata && this.#bringsBytesAlone && tellsExpiration(backend))
        content = contentOf(await backend[GET_WITH_EXPIRATION](key, "arrayBuffer", call), false);
      else content = contentOf(await backend.getWithMetadata(key, reading("arrayBuffer", call)), true);
      this.#circuit.succeeded();
      return content;
    } catch (error) {
      this.#failed(pass, error, call);
      throw error;
    }
  }

  /**
   * As {@link #ask}, for many keys as text. One more async function around both would cost each read that waits 0.5 KB:
   * a seventh of all that it takes.
   */
  async #askMany(keys: string[], enter: () => Pass, call: Call): Promise<Map<string, KVEntry<string> | null>> {
    const pass = this.#enter(keys.length, enter);
    try {
      const entries = await this.#backend.getWithMetadata(keys, reading("text", call));
      this.#circuit.succeeded();
      return entries;
    } catch (error) {
      this.#failed(pass, error, call);
      throw error;
    }
  }

  /** What fails only because it was withdrawn tells nothing of the backend. */
  #failed(pass: Pass, error: unknown, call: Call): void {
    if (call[WITHDRAWAL]?.withdrawn !== true || isKVError(error)) this.#circuit.failed(pass, error);
  }

  #enter(keys: number, enter: () => Pass): Pass {
    const pass = enter();
    this.#counts.backendReads += keys;
    return pass;
  }
}

/** The options of a read: where the call says nothing of itself, in the form that every backend takes. */
function reading<Type extends "text" | "arrayBuffer">(type: Type, call: Call): { type: Type } {
  const { [FLOW]: flow, [MOST_BYTES]: mostBytes, [WITHDRAWAL]: withdrawal } = call;
  if (flow === undefined && mostBytes === undefined && withdrawal === undefined) return type as never;
  const options: { type: Type } & Call = { type, [FLOW]: flow, [MOST_BYTES]: mostBytes, [WITHDRAWAL]: withdrawal };
  return options;
}
