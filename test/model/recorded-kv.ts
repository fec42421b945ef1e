import type { CachedKV } from "@kvplug/cache";
import type { KV, KVCallOptions, KVPair, KVPrefixOptions, KVPutOptions, Milliseconds } from "@kvplug/core";
import { KVBulkError } from "@kvplug/core";
import { stateOf, type Call, type History, type State, type Write } from "./history.ts";
import { failureOf, STREAM_END, textOf } from "./sources.ts";

/** What a call came to. It never rejects, so that a program may leave it alone. */
export type Outcome<Value = unknown> = { readonly value: Value } | { readonly error: unknown };

type Source<Item> = Iterable<Item> | AsyncIterable<Item>;

/** How a stream is read that a `get` gave. */
export type Reading = "whole" | "unread" | "cancelled";

/** The driver, with each call and what came of it noted. */
export class RecordedKV {
  readonly #kv: KV;
  /** What calls go to that a cache knows. */
  readonly #front: CachedKV | KV;
  readonly #history: History;
  readonly #deadline: Milliseconds;
  readonly #outcomes: Promise<unknown>[] = [];

  /**
   * @param cached A cache over the driver, if there is one.
   * @param deadline What the client's is.
   */
  constructor(kv: KV, cached: CachedKV | undefined, history: History, deadline: Milliseconds) {
    this.#kv = kv;
    this.#front = cached ?? kv;
    this.#history = history;
    this.#deadline = deadline;
  }

  /** Writes a value, or a stream of `streamOf`. Each value is used once. Text is stored with itself as metadata. */
  put(key: string, value: string | Uint8Array | ReadableStream, options: KVPutOptions = {}): Promise<Outcome<void>> {
    const call = this.#begin("put", key, options);
    const streamed = value instanceof ReadableStream;
    const text = streamed ? textOf(value)! : Buffer.from(value as string).toString();
    this.#writes(call, key, streamed ? text + STREAM_END : stateOf(text), streamed);
    if (streamed) call.ownErrors.push(failureOf(value));
    return this.#end(call, () => this.#front.put(key, value, options));
  }

  delete(key: string, options: KVCallOptions = {}): Promise<Outcome<void>> {
    const call = this.#begin("delete", key, options);
    this.#writes(call, key, null);
    return this.#end(call, () => this.#front.delete(key, options));
  }

  putMany(pairs: Source<KVPair>, options: KVCallOptions = {}): Promise<Outcome<void>> {
    const call = this.#begin("putMany", undefined, options);
    const source = this.#watched(call, pairs, ({ key, value }) =>
      this.#writes(call, key, value as string, false, pairs),
    );
    return this.#end(call, () => this.#kv.putMany(source, options));
  }

  deleteMany(keys: Source<string>, options: KVCallOptions = {}): Promise<Outcome<void>> {
    const call = this.#begin("deleteMany", undefined, options);
    const source = this.#watched(call, keys, (key) => this.#writes(call, key, null, false, keys));
    return this.#end(call, () => this.#kv.deleteMany(source, options));
  }

  clear(options: KVPrefixOptions = {}): Promise<Outcome<number>> {
    const call = this.#begin("clear", undefined, options);
    return this.#end(call, () => this.#kv.clear(options));
  }

  get(key: string, options: KVCallOptions & { type?: "text" | "arrayBuffer" } = {}): Promise<Outcome<State>> {
    const call = this.#begin("read", key, options, [key]);
    return this.#end(call, async () => {
      const found: unknown = await this.#front.get(key, options as { type: "text" });
      const state = found instanceof ArrayBuffer ? Buffer.from(found).toString() : (found as State);
      return this.#found(call, key, state);
    });
  }

  getMany(keys: string[], options: KVCallOptions = {}): Promise<Outcome<Map<string, State>>> {
    const call = this.#begin("read", undefined, options, [...keys]);
    return this.#end(call, async () => {
      const found = await this.#front.get(keys, options);
      for (const [key, state] of found) this.#found(call, key, state);
      return found;
    });
  }

  /** The program stores no metadata but the value itself. */
  getMetadata(key: string, options: KVCallOptions = {}): Promise<Outcome<State>> {
    const call = this.#begin("read", key, options, [key]);
    return this.#end(call, async () => {
      const metadata = await this.#kv.getMetadata<State>(key, options);
      return typeof metadata === "string" ? this.#found(call, key, metadata) : null;
    });
  }

  getWithMetadata(key: string, options: KVCallOptions = {}): Promise<Outcome<State>> {
    const call = this.#begin("read", key, options, [key]);
    return this.#end(call, async () => {
      const { value, metadata } = await this.#front.getWithMetadata(key, options);
      return this.#found(call, key, value, metadata as State);
    });
  }

  /** Opens a stream, and does with it what `reading` says. The call is settled when the stream is there. */
  async getStream(key: string, reading: Reading, options: KVCallOptions = {}): Promise<Outcome<State>> {
    const call = this.#begin("read", key, options, [key]);
    const opened = await this.#end(call, () => this.#front.get(key, { ...options, type: "stream" }));
    if ("error" in opened) return opened;
    if (reading === "unread") {
      call.reading = "never";
      return { value: null };
    }
    const { value: stream } = opened;
    if (stream === null) return { value: this.#found(call, key, null) };
    call.reading = "under way";
    try {
      if (reading === "cancelled") await stream.cancel();
      else this.#found(call, key, await new Response(stream as ReadableStream).text());
      return { value: null };
    } catch (error) {
      return { error };
    } finally {
      call.reading = "over";
    }
  }

  /** Has a value made where there is none, which takes some time. */
  wrap(
    key: string,
    value: string,
    make: () => Promise<void>,
    options: KVCallOptions & { ttl?: Milliseconds; refreshThreshold?: Milliseconds } = {},
  ): Promise<Outcome<State>> {
    const call = this.#begin("wrap", key, options);
    const factory = async (): Promise<string> => {
      const { place } = call.called;
      call.writes.push({ call, key, state: value, streamed: false, from: place, to: place });
      await make();
      return value;
    };
    return this.#end(call, async () => {
      const found = await (this.#front as CachedKV).wrap<string>(key, factory, options);
      return this.#found(call, key, found);
    });
  }

  close(): Promise<Outcome<void>> {
    const call = this.#begin("close", undefined, {});
    return this.#end(call, () => this.#front.close());
  }

  /** Resolves when all that was called has come to an end. */
  async settled(): Promise<void> {
    await Promise.all(this.#outcomes);
  }

  #begin(
    kind: Call["kind"],
    key: string | undefined,
    { signal, deadline }: KVCallOptions,
    asks: readonly string[] = [],
  ): Call {
    const call = this.#history.called(kind, key, deadline ?? this.#deadline, deadline, asks);
    const leave = (): void => {
      call.left ??= { ...this.#history.now(), reason: signal!.reason };
    };
    if (signal?.aborted) leave();
    else signal?.addEventListener("abort", leave, { once: true });
    return call;
  }

  #end<Value>(call: Call, run: () => Promise<Value>): Promise<Outcome<Value>> {
    const outcome = this.#outcomeOf(call, run);
    this.#outcomes.push(outcome);
    return outcome;
  }

  async #outcomeOf<Value>(call: Call, run: () => Promise<Value>): Promise<Outcome<Value>> {
    try {
      const value = await run();
      call.settled = this.#history.now();
      return { value };
    } catch (error) {
      call.error = { value: error };
      call.settled = this.#history.now();
      return { error };
    }
  }

  #writes(call: Call, key: string, state: State, streamed = false, source?: Source<unknown>): void {
    const from = this.#history.now().place;
    const to = source === undefined || Array.isArray(source) ? from : Number.POSITIVE_INFINITY;
    const write: Write = { call, key, state, streamed, from, to };
    call.writes.push(write);
  }

  /** A source whose items are noted as the driver asks for them. */
  #watched<Item>(call: Call, source: Source<Item>, note: (item: Item) => void): Source<Item> {
    const history = this.#history;
    const see = (item: Item): Item => {
      note(item);
      return item;
    };
    if (Array.isArray(source)) return source.map(see);
    call.progress = history.now();
    call.ownErrors.push(failureOf(source));
    if (Symbol.iterator in source) {
      return (function* () {
        for (const item of source) {
          call.progress = history.now();
          yield see(item);
          call.progress = history.now();
        }
      })();
    }
    return (async function* () {
      for await (const item of source) {
        call.progress = history.now();
        yield see(item);
        // Its patience begins anew when it asks.
        call.progress = history.now();
      }
      call.progress = history.now();
    })();
  }

  #found(call: Call, key: string, value: State, metadata?: State): State {
    const state = stateOf(value);
    call.reads.push({ key, state, metadata });
    return state;
  }
}

/** The keys of a call that failed as far as the caller knows; all of them, unless it says otherwise. */
export function failedKeys(call: Call): ReadonlySet<string> {
  if (call.error === undefined) return new Set();
  const { value } = call.error;
  return new Set(value instanceof KVBulkError ? value.keys : call.writes.map(({ key }) => key));
}
