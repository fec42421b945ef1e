import type { Milliseconds } from "@kvplug/core";
import { bytes, counted, envelope, refusal, type Answer } from "./answers.ts";
import type { Fate } from "./fates.ts";
import type { Attempt, History } from "./history.ts";
import { writesOf, type Asked, type Stored } from "./requests.ts";

/** What the API is like, beside what it does with each request. */
export interface ApiOptions {
  /** What holds at the start: each of these keys has a value. */
  readonly exists?: readonly string[];
  /** What becomes of the first requests, in the order in which they are sent; the others are answered well. */
  readonly fates?: readonly Fate[];
  /** How long after the client gave it up a request may still take effect, at the most. Default: {@link LAG}. */
  readonly lag?: Milliseconds;
  /** As much for a request whose connection broke, or that a proxy answered in the API's place. Default: 0. */
  readonly lagAfterFailure?: Milliseconds;
  /** A key that may not be written: a request that writes it is refused as a whole, with 400. */
  readonly badKey?: string;
  /** Whether the credentials are malformed: each request is refused, with 400 and code 6003. */
  readonly malformedCredentials?: boolean;
}

/** The usual lag. */
export const LAG: Milliseconds = 200;

/** The longest lag, which is less than the time for which the driver holds a key after an attempt without an answer. */
export const LONG_LAG: Milliseconds = 1900;

/** The value that a key has at the start; it is stored as JSON. */
const atTheStart = (key: string): string => `${key}#0`;

/** What the API holds: strongly consistent. The history keeps the order in which writes take effect. */
export class Store {
  readonly options: ApiOptions;
  readonly history: History;
  readonly #keys: Map<string, Stored> = new Map();

  constructor(history: History, options: ApiOptions) {
    this.history = history;
    this.options = options;
    for (const key of options.exists ?? []) {
      this.#keys.set(key, { value: JSON.stringify(atTheStart(key)), metadata: atTheStart(key) });
      history.tookEffect(key, atTheStart(key), undefined);
    }
  }

  /** Does what a request asks, for these of its keys; returns the answer where all of it was done. */
  apply(asked: Asked, attempt: Attempt, includes: (key: string) => boolean): Answer {
    switch (asked.do) {
      case "put":
      case "bulk put":
        for (const [key, stored] of asked.pairs) if (includes(key)) this.#set(key, stored, attempt);
        return asked.do === "put"
          ? { ...envelope({}), confirmed: [asked.key] }
          : { ...counted(asked.pairs.size), confirmed: [...asked.pairs.keys()] };
      case "delete":
        this.#set(asked.key, undefined, attempt);
        return { ...envelope({}), confirmed: [asked.key] };
      case "bulk delete":
        for (const key of asked.keys) if (includes(key)) this.#set(key, undefined, attempt);
        return { ...counted(asked.keys.length), confirmed: asked.keys };
      case "get": {
        const found = this.#keys.get(asked.key);
        return found === undefined ? NOT_FOUND : bytes(found.value);
      }
      case "metadata": {
        const found = this.#keys.get(asked.key);
        return found === undefined ? NOT_FOUND : envelope(found.metadata);
      }
      case "bulk get": {
        const valueOf = (key: string): unknown => {
          const found = this.#keys.get(key);
          return found === undefined ? null : asked.withMetadata ? found : found.value;
        };
        return envelope({ values: Object.fromEntries(asked.keys.filter(includes).map((key) => [key, valueOf(key)])) });
      }
      case "list":
        return this.list(asked, asked.limit);
    }
  }

  /** A page of names; where there are more, its cursor is its last name. */
  list({ prefix, cursor }: { prefix: string; cursor: string }, limit: number): Answer {
    const names = [...this.#keys.keys()].filter((key) => key.startsWith(prefix) && key > cursor).toSorted();
    const page = names.slice(0, limit);
    const isLast = page.length === names.length;
    return envelope(
      page.map((name) => ({ name, metadata: this.#keys.get(name)!.metadata })),
      { count: page.length, cursor: isLast ? "" : (page.at(-1) ?? (cursor || FIRST)) },
    );
  }

  /** How a request is refused that may not be done at all. */
  refusalOf(asked: Asked): Answer | undefined {
    const { malformedCredentials, badKey } = this.options;
    if (malformedCredentials) return refusal(400, 6003, "Invalid request headers");
    if (badKey === undefined || !writesOf(asked).has(badKey)) return undefined;
    return refusal(400, 10012, "a key may not be written");
  }

  #set(key: string, stored: Stored | undefined, attempt: Attempt): void {
    if (stored) this.#keys.set(key, stored);
    else this.#keys.delete(key);
    this.history.tookEffect(key, stored?.value ?? null, attempt);
  }
}

/** A cursor before all names. */
const FIRST = "\u0001";

const NOT_FOUND: Answer = refusal(404, 10009, "key not found");
