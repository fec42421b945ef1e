import { getEntries } from "./any-namespace.ts";
import { endOfTick } from "./end-of-tick.ts";
import type { KVEntry, KVNamespace } from "./kv-namespace.ts";
import { checkKey } from "./validate.ts";

/** What is known of a key that is there: its metadata, and when it expires where its value had to be read. */
export type KVPresent = Pick<KVEntry<unknown>, "metadata" | "expiration">;

interface Question {
  readonly name: string;
  readonly isEnough: (metadata: unknown) => boolean;
  readonly answer: (found: KVPresent | null) => void;
  readonly fail: (error: unknown) => void;
}

/** What a namespace may offer beside the seam, as the REST driver does: `null` for a key that is not there. */
interface FindsMetadata {
  findMetadata?(name: string): Promise<{ metadata: unknown } | null>;
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
  async has(name: string): Promise<boolean> {
    return (await this.find(name, () => true)) !== null;
  }

  /**
   * What is known of a key; `null` where it is not there, or counts no more. It is looked for as by {@link has}.
   *
   * @param isEnough Whether its metadata, where it has some, is all that is needed; elsewhere its value is
   *   read as well, which tells the expiration.
   */
  async find(name: string, isEnough: (metadata: unknown) => boolean): Promise<KVPresent | null> {
    // One that cannot be fails alone, and not all that are asked for with it.
    checkKey(name);
    const found = await new Promise<KVPresent | null>((answer, fail) => {
      this.#questions.push({ name, isEnough, answer, fail });
      if (this.#questions.length === 1) endOfTick(() => void this.#ask());
    });
    return found !== null && this.#isGood(found.metadata) ? found : null;
  }

  async #ask(): Promise<void> {
    const questions = this.#questions;
    this.#questions = [];
    try {
      const found = await this.#findAll(questions);
      for (const [i, { answer }] of questions.entries()) answer(found[i]!);
    } catch (error) {
      for (const { fail } of questions) fail(error);
    }
  }

  async #findAll(questions: readonly Question[]): Promise<(KVPresent | null)[]> {
    const [only] = questions;
    const own = this.#kv as FindsMetadata;
    if (questions.length === 1 && typeof own.findMetadata === "function") {
      const found = await own.findMetadata(only!.name);
      // Of a key without metadata only its value tells for certain: the API's reference does not say
      // that its metadata are refused where there is no key.
      if (found === null || (found.metadata !== null && only!.isEnough(found.metadata))) return [found];
    }
    return getEntries(
      this.#kv,
      questions.map(({ name }) => name),
    );
  }
}
