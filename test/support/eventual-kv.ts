import type { KVEntry, KVNamespace, KVPutOptions, Milliseconds } from "@kvplug/core/seam";

/** What a key holds; `null` where it does not exist. */
type Stored = { value: string; metadata: unknown } | null;

/** A read or write of the backend. */
export interface BackendCall {
  readonly key: string;
  /** Its place among all that happened. */
  readonly begun: number;
  /** What was read, or is written. */
  readonly value: string | null;
  /** When it settled. */
  ended?: number;
}

/** What a {@link EventualKV} does by chance. */
export interface EventualKVOptions {
  /** A number from 0 to 1, of which each is as likely. */
  random: () => number;
  /** Numbers what happens. */
  count: () => number;
  /** How often a call fails, from 0 to 1; a write that fails may have taken effect. */
  failures: number;
}

/**
 * KV as a Worker or a distant process sees it, on the clock of `setTimeout`: calls take a while, writes of a key take effect
 * in any order, and reads may find what was there before. Notes which reads found what, and which writes took effect.
 */
export class EventualKV {
  readonly reads: BackendCall[] = [];
  /** Writes in the order in which they were called. */
  readonly writes: BackendCall[] = [];
  /** Writes in the order in which they took effect. */
  readonly effects: BackendCall[] = [];
  readonly #options: EventualKVOptions;
  readonly #history = new Map<string, Stored[]>();

  constructor(options: EventualKVOptions) {
    this.#options = options;
  }

  /** What the key holds in truth. */
  truth(key: string): string | null {
    return this.#history.get(key)?.at(-1)?.value ?? null;
  }

  /** As another process writes. */
  set(key: string, value: string | null): void {
    this.#set(key, value === null ? null : { value, metadata: null });
  }

  get namespace(): KVNamespace {
    const entry = async (key: string, type: unknown): Promise<KVEntry<unknown>> => {
      const begun = this.#options.count();
      await this.#pass();
      const stored = this.#find(key);
      this.reads.push({ key, begun, value: stored?.value ?? null });
      await this.#pass();
      this.#mayFail();
      if (stored === null) return { value: null, metadata: null, cacheStatus: null };
      const { value, metadata } = stored;
      return {
        value: type === "arrayBuffer" ? new TextEncoder().encode(value).buffer : value,
        metadata,
        cacheStatus: null,
      };
    };
    const namespace = {
      getWithMetadata: async (keys: string | string[], type: unknown) =>
        Array.isArray(keys)
          ? new Map(await Promise.all(keys.map(async (key) => [key, await entry(key, type)] as const)))
          : entry(keys, type),
      get: async (key: string, type: unknown) => (await entry(key, type)).value,
      put: async (key: string, given: string | ReadableStream, { metadata = null }: KVPutOptions = {}) => {
        const value = typeof given === "string" ? given : await new Response(given).text();
        await this.#write(key, { value, metadata });
      },
      delete: (key: string) => this.#write(key, null),
      list: async () => ({ list_complete: true, keys: [], cacheStatus: null }),
    };
    return namespace as unknown as KVNamespace;
  }

  async #write(key: string, stored: Stored): Promise<void> {
    const call: BackendCall = { key, begun: this.#options.count(), value: stored?.value ?? null };
    this.writes.push(call);
    try {
      await this.#pass();
      if (this.#options.random() < this.#options.failures / 2) throw new Error("It did not take effect.");
      this.#set(key, stored);
      this.effects.push(call);
      await this.#pass();
      this.#mayFail();
    } finally {
      call.ended = this.#options.count();
    }
  }

  #set(key: string, stored: Stored): void {
    const states = this.#history.get(key) ?? [null];
    states.push(stored);
    this.#history.set(key, states);
  }

  /** What is there, or was there not long ago. */
  #find(key: string): Stored {
    const states = this.#history.get(key) ?? [null];
    const { random } = this.#options;
    const age = random() < 0.6 ? 0 : Math.floor(random() * 3);
    return states[Math.max(0, states.length - 1 - age)]!;
  }

  #pass(): Promise<void> {
    const time: Milliseconds = Math.floor(this.#options.random() * 30);
    return new Promise((resolve) => setTimeout(resolve, time));
  }

  #mayFail(): void {
    if (this.#options.random() < this.#options.failures / 2) throw new Error("Its answer was lost.");
  }
}
