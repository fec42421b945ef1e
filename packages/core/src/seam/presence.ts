import { getEntries } from "./any-namespace.ts";
import { endOfTick } from "../time/end-of-tick.ts";
import type { KVCallOptions, KVEntry, KVNamespace, Milliseconds } from "./kv-namespace.ts";
import { Steps } from "./steps.ts";
import { checkKey } from "./validate.ts";

/** What is known of an existing key: its metadata, and its expiration if its value had to be read. */
export type KVPresent = Pick<KVEntry<unknown>, "metadata" | "expiration">;

interface Question {
  readonly name: string;
  readonly isEnough: (metadata: unknown) => boolean;
  readonly answer: (found: KVPresent | null) => void;
  readonly fail: (error: unknown) => void;
}

/** An optional method of a namespace, which the REST driver has; `null` for a missing key. */
export interface FindsMetadata {
  findMetadata?(name: string, options?: KVCallOptions): Promise<{ metadata: unknown } | null>;
}

/** What a {@link Presence} needs of a namespace. */
export type AskedForPresence = Pick<KVNamespace<any>, "getWithMetadata"> & FindsMetadata;

/** Options of a lookup. */
export type PresenceOptions = Pick<KVCallOptions, "deadline">;

/**
 * Checks whether keys exist, for an adapter that stores metadata with each. A single lookup reads no value if the
 * namespace can read metadata alone, as the REST driver can. Lookups of one tick share requests, a hundred keys each,
 * because the API has no bulk get without values.
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
   * @param isGood Whether what exists still counts, by its metadata: an adapter may have its own deadlines.
   * @param deadline The longest that a lookup may take by default, with all its requests. Default: `Infinity`, as long
   *   as the namespace waits.
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
   * Resolves with whether a key exists. Looks at the end of the tick, so after what the tick writes.
   *
   * @throws {KVError} `KV_INVALID` or `KV_LIMIT` for an invalid key.
   */
  async has(name: string, options?: PresenceOptions): Promise<boolean> {
    return (await this.find(name, () => true, options)) !== null;
  }

  /**
   * Resolves with what is known of a key; `null` if it does not exist, or no longer counts. Looks as {@link has} does.
   *
   * @param isEnough Whether the metadata alone is enough, if there is any; otherwise the value is read too, which
   *   yields the expiration.
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
    // A Worker's binding takes KV's own options and no others.
    return steps.next(({ deadline }) => getEntries(this.#kv, names, { deadline }));
  }
}
