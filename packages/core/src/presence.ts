import { getEntries } from "./any-namespace.ts";
import { endOfTick } from "./end-of-tick.ts";
import type { KVNamespace } from "./kv-namespace.ts";
import { checkKey } from "./validate.ts";

interface Question {
  readonly name: string;
  readonly answer: (good: boolean) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Tells whether keys are there, for an adapter that puts metadata on each. One that is asked for alone
 * costs no value where the namespace reads metadata alone, as the REST driver does; those of one tick
 * are read together, a hundred a request, since the API has no bulk read without values.
 *
 * @example
 * const presence = new Presence(kv, isGood);
 * await presence.has("user:1");
 */
export class Presence {
  readonly #kv: KVNamespace<any>;
  readonly #isGood: (metadata: unknown) => boolean;
  #questions: Question[] = [];

  /** @param isGood Whether what is there still counts, by its metadata: an adapter may have deadlines of its own. */
  constructor(kv: KVNamespace<any>, isGood: (metadata: unknown) => boolean) {
    this.#kv = kv;
    this.#isGood = isGood;
  }

  /**
   * Whether a key is there. It is looked for at the end of the tick, so after what the tick writes.
   *
   * @throws {KVError} `KV_INVALID` or `KV_LIMIT` for what cannot be a key.
   */
  has(name: string): Promise<boolean> {
    return new Promise((answer, fail) => {
      // Read together, one that cannot be would fail the others.
      checkKey(name);
      this.#questions.push({ name, answer, fail });
      if (this.#questions.length === 1) endOfTick(() => void this.#ask());
    });
  }

  async #ask(): Promise<void> {
    const questions = this.#questions;
    this.#questions = [];
    try {
      const found = await this.#find(questions.map(({ name }) => name));
      for (const [i, { answer }] of questions.entries()) answer(found[i]!);
    } catch (error) {
      for (const { fail } of questions) fail(error);
    }
  }

  async #find(names: string[]): Promise<boolean[]> {
    const own = this.#kv as { getMetadata?(name: string): Promise<unknown> };
    if (names.length === 1 && typeof own.getMetadata === "function") {
      const metadata = await own.getMetadata(names[0]!);
      if (metadata !== null) return [this.#isGood(metadata)];
      // Another hand's key may have none; only its value tells.
    }
    const entries = await getEntries(this.#kv, names);
    return entries.map((entry) => entry !== null && this.#isGood(entry.metadata));
  }
}
