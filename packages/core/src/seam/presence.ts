import { getEntries } from "./any-namespace.ts";
import { endOfTick } from "../time/end-of-tick.ts";
import type { KVCallOptions, KVEntry, KVNamespace, Milliseconds } from "./kv-namespace.ts";
import { Steps } from "./steps.ts";
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
export interface FindsMetadata {
  findMetadata?(name: string, options?: KVCallOptions): Promise<{ metadata: unknown } | null>;
}

/** What a {@link Presence} asks of a namespace. */
export type AskedForPresence = Pick<KVNamespace<any>, "getWithMetadata"> & FindsMetadata;

/** How a key is looked for. */
export type PresenceOptions = Pick<KVCallOptions, "deadline">;

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
  readonly #kv: AskedForPresence;
  readonly #isGood: (metadata: unknown) => boolean;
  readonly #deadline: Milliseconds | undefined;
  /** Those of this tick, by the deadline that they go with. */
  readonly #questions: Map<Milliseconds | undefined, Question[]> = new Map();

  /**
   * @param isGood Whether what is there still counts, by its metadata: an adapter may have deadlines of its own.
   * @param deadline How long a look takes that names none, all of its requests together. Default: `Infinity`, which is
   *   for as long as the namespace waits.
   */
  constructor(
    kv: AskedForPresence,
    isGood: (metadata: unknown) => boolean,
    deadline: Milliseconds = Number.POSITIVE_INFINITY,
  ) {
    this.#kv = kv;
    this.#isGood = isGood;
    this.#deadline = deadline === Number.POSITIVE_INFINITY ? undefined : deadline;
  }

  /**
   * Whether a key is there. It is looked for at the end of the tick, so after what the tick writes.
   *
   * @throws {KVError} `KV_INVALID` or `KV_LIMIT` for what cannot be a key.
   */
  async has(name: string, options?: PresenceOptions): Promise<boolean> {
    return (await this.find(name, () => true, options)) !== null;
  }

  /**
   * What is known of a key; `null` where it is not there, or counts no more. It is looked for as by {@link has}.
   *
   * @param isEnough Whether its metadata, where it has some, is all that is needed; elsewhere its value is
   *   read as well, which tells the expiration.
   */
  async find(
    name: string,
    isEnough: (metadata: unknown) => boolean,
    { deadline = this.#deadline }: PresenceOptions = {},
  ): Promise<KVPresent | null> {
    // One that cannot be fails alone, and not all that are asked for with it.
    checkKey(name);
    const found = await new Promise<KVPresent | null>((answer, fail) => {
      const question = { name, isEnough, answer, fail };
      const others = this.#questions.get(deadline);
      if (others !== undefined) return others.push(question);
      this.#questions.set(deadline, [question]);
      return endOfTick(() => void this.#ask(deadline));
    });
    return found !== null && this.#isGood(found.metadata) ? found : null;
  }

  async #ask(deadline: Milliseconds | undefined): Promise<void> {
    const questions = this.#questions.get(deadline)!;
    this.#questions.delete(deadline);
    try {
      const found = await this.#findAll(questions, new Steps({ deadline }));
      for (const [i, { answer }] of questions.entries()) answer(found[i]!);
    } catch (error) {
      for (const { fail } of questions) fail(error);
    }
  }

  async #findAll(questions: readonly Question[], steps: Steps): Promise<(KVPresent | null)[]> {
    const [only] = questions;
    if (questions.length === 1 && typeof this.#kv.findMetadata === "function") {
      const found = await steps.next((left) => this.#kv.findMetadata!(only!.name, left));
      // Of a key without metadata only its value tells for certain: the API's reference does not say
      // that its metadata are refused where there is no key.
      if (found === null || (found.metadata !== null && only!.isEnough(found.metadata))) return [found];
    }
    const names = questions.map(({ name }) => name);
    return steps.next((left) => getEntries(this.#kv, names, left));
  }
}
