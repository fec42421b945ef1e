import { endOfTick, getEntries, type KVNamespace } from "@kvplug/core/seam";
import { isGood } from "./record.ts";

interface Question {
  readonly name: string;
  readonly answer: (good: boolean) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Tells whether records are there. One that is asked for alone costs no value where the namespace
 * reads metadata alone, as the REST driver does; those of one tick are read together, a hundred a
 * request, since the API has no bulk read without values.
 */
export class Presence {
  readonly #kv: KVNamespace<any>;
  #questions: Question[] = [];

  constructor(kv: KVNamespace<any>) {
    this.#kv = kv;
  }

  has(name: string): Promise<boolean> {
    return new Promise((answer, fail) => {
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
      if (metadata !== null) return [isGood(metadata)];
      // Another hand's record may have none; only its value tells.
    }
    const entries = await getEntries(this.#kv, names);
    return entries.map((entry) => entry !== null && isGood(entry.metadata));
  }
}
