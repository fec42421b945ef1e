import { forEachKey, listPages } from "./any-namespace.ts";
import type { KVNamespace } from "./kv-namespace.ts";
import { MAX_BULK_KEYS } from "./limits.ts";
import { markUnlisted, type Unlisted } from "./unlisted-keys.ts";

/**
 * Deletes all keys that begin with a prefix, 10,000 at a time, with the namespace's own `clear` if it has one. Only
 * such a `clear` keeps what is put while it runs; over other namespaces, adapters use {@link LaterPuts}.
 */
export async function clearPrefix(kv: KVNamespace<any>, prefix: string): Promise<void> {
  if (clearsItself(kv)) await kv.clear(prefix === "" ? {} : { prefix });
  else await new LaterPuts(kv, prefix).clear();
}

/** Returns whether a namespace has its own `clear`, which respects pending writes. */
export function clearsItself(
  kv: KVNamespace<any>,
): kv is KVNamespace<any> & { clear(options: { prefix?: string }): Promise<unknown> } {
  return "clear" in kv && typeof kv.clear === "function";
}

/** What an adapter puts after it began to clear a prefix; the clear keeps it. */
export class LaterPuts {
  readonly #kv: KVNamespace<any>;
  readonly #prefix: string;
  readonly #unlisted: () => Unlisted;
  /** What was put since, as long as one put of the key has not failed. */
  readonly #puts: Map<string, Promise<unknown>> = new Map();

  constructor(kv: KVNamespace<any>, prefix: string) {
    this.#kv = kv;
    this.#prefix = prefix;
    this.#unlisted = markUnlisted(kv, prefix);
  }

  /** Returns whether a key was put since. */
  has(name: string): boolean {
    return this.#puts.has(name);
  }

  /** Records a put. */
  add(name: string, putting: Promise<unknown>): void {
    if (!name.startsWith(this.#prefix)) return;
    const before = this.#puts.get(name);
    const puts = before === undefined ? putting : Promise.any([before, putting]);
    this.#puts.set(name, puts);
    puts.catch(() => {
      if (this.#puts.get(name) === puts) this.#puts.delete(name);
    });
  }

  /** Deletes the other keys that begin with the prefix, listed or not yet, `batchSize` at a time, with a call each. */
  async clear(batchSize: number = MAX_BULK_KEYS): Promise<void> {
    const kept: string[] = [];
    let names: string[] = [];
    const flush = async (): Promise<void> => {
      const due: string[] = [];
      for (const name of names) (this.has(name) ? kept : due).push(name);
      names = [];
      await forEachKey(due, (name) => this.#kv.delete(name));
    };
    const unlisted = new Set<string>();
    for (const [name, putting] of this.#unlisted()) {
      unlisted.add(name);
      if (putting) this.add(name, putting);
    }
    for await (const page of listPages(this.#kv, this.#prefix)) {
      for (const { name } of page) {
        unlisted.delete(name);
        names.push(name);
        if (names.length >= batchSize) await flush();
      }
    }
    for (const name of unlisted) {
      names.push(name);
      if (names.length >= batchSize) await flush();
    }
    await flush();
    await forEachKey(kept, (name) => this.#deleteUnlessPut(name));
  }

  /** A later put that fails leaves what was there before, unless another one follows it. */
  async #deleteUnlessPut(name: string): Promise<void> {
    for (let putting = this.#puts.get(name); putting !== undefined; putting = this.#puts.get(name)) {
      const isPut = await putting.then(
        () => true,
        () => false,
      );
      if (isPut) return;
    }
    await this.#kv.delete(name);
  }
}
