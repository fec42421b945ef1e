import type { KVEntry, KVNamespace, KVPutOptions, Milliseconds } from "@kvplug/core/seam";

/** What a key holds; `null` where it does not exist. */
type Stored = { value: string; metadata: unknown } | null;

/** What a {@link PropagatingKV} does by chance. */
export interface PropagatingKVOptions {
  /** A number from 0 to 1, of which each is as likely. */
  random: () => number;
  /** For how long after a write reads may still find what was there before. */
  propagation: Milliseconds;
  /** The longest that a call takes each way. */
  latency: Milliseconds;
}

/**
 * KV among distant places, on the clock of `Date` and `setTimeout`: for a while after a write, each read finds what is there
 * or what was there before. Writes of a key take effect in the order of their arrival.
 */
export class PropagatingKV {
  readonly #options: PropagatingKVOptions;
  readonly #history = new Map<string, { stored: Stored; at: Milliseconds }[]>();
  reads = 0;
  writes = 0;

  constructor(options: PropagatingKVOptions) {
    this.#options = options;
  }

  get namespace(): KVNamespace {
    const entry = async (key: string): Promise<KVEntry<string>> => {
      const stored = this.#find(key);
      return { value: stored?.value ?? null, metadata: stored?.metadata ?? null, cacheStatus: null };
    };
    const namespace = {
      getWithMetadata: async (keys: string | string[]) => {
        this.reads++;
        await this.#pass();
        const found = Array.isArray(keys)
          ? new Map(await Promise.all(keys.map(async (key) => [key, await entry(key)] as const)))
          : await entry(keys);
        await this.#pass();
        return found;
      },
      get: async (key: string) => (await namespace.getWithMetadata(key)) as unknown,
      put: async (key: string, value: string, { metadata = null }: KVPutOptions = {}) => {
        this.writes++;
        await this.#pass();
        this.#set(key, { value, metadata: structuredClone(metadata) });
        await this.#pass();
      },
      delete: async (key: string) => {
        await this.#pass();
        this.#set(key, null);
        await this.#pass();
      },
      list: async () => ({ list_complete: true, keys: [], cacheStatus: null }),
    };
    return namespace as unknown as KVNamespace;
  }

  #set(key: string, stored: Stored): void {
    const states = this.#history.get(key) ?? [];
    states.push({ stored, at: Date.now() });
    this.#history.set(key, states);
  }

  /** The last write, or one before it as long as that one is not everywhere. */
  #find(key: string): Stored {
    const states = this.#history.get(key) ?? [];
    const { random, propagation } = this.#options;
    let i = states.length - 1;
    while (i >= 0 && Date.now() - states[i]!.at < propagation && random() < 0.5) i--;
    return states[i]?.stored ?? null;
  }

  #pass(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, Math.floor(this.#options.random() * this.#options.latency)));
  }
}
