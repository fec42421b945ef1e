import { forEachKey, listPages } from "./any-namespace.ts";
import type { KVNamespace } from "./kv-namespace.ts";
import { MAX_BULK_KEYS } from "./limits.ts";
import { unlistedKeys } from "./unlisted-keys.ts";

/**
 * Deletes all keys that begin with a prefix, 10,000 at a time, with the namespace's own `clear` if it has one. Only
 * such a `clear` keeps what is put while it runs; over other namespaces, adapters use {@link LaterPuts}.
 */
export async function clearPrefix(kv: KVNamespace<any>, prefix: string): Promise<void> {
  if (clearsItself(kv)) await kv.clear(prefix === "" ? {} : { prefix });
  else await new LaterPuts(prefix).clear(kv);
}

/** Returns whether a namespace has its own `clear`, which respects pending writes. */
export function clearsItself(
  kv: KVNamespace<any>,
): kv is KVNamespace<any> & { clear(options: { prefix?: string }): Promise<unknown> } {
  return "clear" in kv && typeof kv.clear === "function";
}

/** What an adapter puts after it began to clear a prefix; the clear keeps it. */
export class LaterPuts {
  readonly #prefix: string;
  /** What was put since, as long as one put of the key has not failed. */
  readonly #puts: Map<string, Promise<unknown>> = new Map();

  constructor(prefix: string) {
    this.#prefix = prefix;
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

  /**
   * Deletes the keys that begin with the prefix, also what is not listed yet, and not what was put since: `batchSize` at a
   * time, with a call each.
   */
  async clear(kv: KVNamespace<any>, batchSize: number = MAX_BULK_KEYS): Promise<void> {
    const kept: string[] = [];
    let names: string[] = [];
    const unlisted = unlistedKeys(kv, this.#prefix);
    const flush = async (): Promise<void> => {
      const due: string[] = [];
      for (const name of names) (this.has(name) ? kept : due).push(name);
      names = [];
      await forEachKey(due, (name) => kv.delete(name));
    };
    for await (const page of listPages(kv, this.#prefix)) {
      for (const { name } of page) {
        names.push(name);
        unlisted.delete(name);
        if (names.length >= batchSize) await flush();
      }
    }
    names.push(...unlisted);
    await flush();
    // A later put that fails leaves what was there before.
    await Promise.allSettled(kept.map(async (name) => this.#puts.get(name)));
    await forEachKey(
      kept.filter((name) => !this.has(name)),
      (name) => kv.delete(name),
    );
  }
}
