import { isUtf8 } from "node:buffer";
import type { KV, KVListKey } from "@kvplug/core";
import type { Entry } from "../formats/records.ts";

/** What takes the place of bytes that are not text, and so betrays them. */
const REPLACEMENT = "\ufffd";

/** With more of these in a hundred, single requests are cheaper than a search. */
const FEW = 8;

/**
 * Reads values by the hundred: one request if all of them are text.
 *
 * A bulk get fails as a whole if one value is not text. The driver then halves it until the culprit is alone, some
 * fourteen requests. If there are many of them, requesting bytes in advance makes it read each alone. The previous
 * hundred decides.
 */
export class ValueReader {
  readonly #kv: KV;
  readonly #signal: AbortSignal;
  #expectsBytes = false;

  constructor(kv: KV, signal: AbortSignal) {
    this.#kv = kv;
    this.#signal = signal;
  }

  /** What is there of these keys, in their order. One that has gone away is left out. */
  async read(keys: readonly KVListKey[]): Promise<Entry[]> {
    const values = await (this.#expectsBytes ? this.#asBytes(keys) : this.#asText(keys));
    const entries: Entry[] = [];
    let notText = 0;
    for (const [i, key] of keys.entries()) {
      const value = values[i];
      if (value === null || value === undefined) continue;
      if (typeof value !== "string" && !isUtf8(value)) notText++;
      entries.push({ ...key, value });
    }
    this.#expectsBytes = notText > FEW;
    return entries;
  }

  async #asText(keys: readonly KVListKey[]): Promise<(string | Uint8Array | null)[]> {
    const found = await this.#kv.get(
      keys.map(({ name }) => name),
      { type: "text", signal: this.#signal },
    );
    return Promise.all(
      keys.map(async ({ name }) => {
        const text = found.get(name) ?? null;
        return text?.includes(REPLACEMENT) ? this.#bytes(name) : text;
      }),
    );
  }

  #asBytes(keys: readonly KVListKey[]): Promise<(Uint8Array | null)[]> {
    // Called in one tick, they still share a request where all of them are text.
    return Promise.all(keys.map(({ name }) => this.#bytes(name)));
  }

  async #bytes(name: string): Promise<Uint8Array | null> {
    const value = await this.#kv.get(name, { type: "arrayBuffer", signal: this.#signal });
    return value && new Uint8Array(value);
  }
}
