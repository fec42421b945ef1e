import { expirationTtlOf, kindOf, KVError, quoteKey, type KVPutOptions, type Milliseconds } from "@kvplug/core/seam";
import { Encryption } from "./encryption.ts";
import { checkShape } from "./record-shape.ts";
import { checkSeconds, type Serializer, type Settings } from "./options.ts";
import { cookieEnd, plainOf, withoutMoments, type SessionCookie, type SessionData } from "./session-data.ts";

/**
 * What is stored beside each session: its expiry, so that a listing shows which have expired. KV itself keeps a key for
 * at least 60 s.
 */
interface Dated {
  readonly e?: Milliseconds;
}

/** A session made ready to be written. */
export interface Draft {
  readonly text: string;
  /** What the application stored, without what changes by itself: if it is the same, only time has passed. */
  readonly substance: string;
  /** When the session ends. */
  readonly end: Milliseconds;
  readonly cookie: SessionCookie | undefined;
}

/** A session as its record holds it. */
export interface OpenRecord {
  readonly session: SessionData;
  readonly text: string;
  readonly end: Milliseconds;
}

/** Throws for a session that the framework at hand could not take. */
export type CheckRecord = (session: SessionData) => void;

/** Makes records of sessions, and back. */
export class Records {
  readonly #ttl: Settings["ttl"];
  readonly #serializer: Serializer;
  readonly #check: CheckRecord;
  readonly #encryption: Encryption | undefined;

  /** @param check Called with each session that was read, before anybody sees it. */
  constructor({ ttl, serializer, keys }: Pick<Settings, "ttl" | "serializer" | "keys">, check: CheckRecord) {
    this.#ttl = ttl;
    this.#serializer = serializer;
    this.#check = check;
    this.#encryption = keys === undefined ? undefined : new Encryption(keys);
  }

  /**
   * @throws {KVError} `KV_INVALID` if the session cannot be serialised, or the function `ttl` does not return a number.
   */
  async draft(name: string, session: SessionData): Promise<Draft> {
    // All of it before the first `await`: the session may change while this takes its time.
    const plain = plainOf(session);
    this.#checkShape(name, plain);
    const end = this.#endOf(session, plain);
    const both = [this.#stringify(name, plain), this.#stringify(name, withoutMoments(plain))] as const;
    const [text, substance] = await Promise.all(both);
    return { text, substance, end, cookie: plain.cookie };
  }

  /** The {@link Draft.substance} of a session that was read. */
  substanceOf(name: string, session: SessionData): Promise<string> {
    return this.#stringify(name, withoutMoments(session));
  }

  /** The value to store. */
  seal(name: string, { text, end }: Draft): string | Promise<string> {
    return this.#encryption === undefined ? text : this.#encryption.encrypt(name, end, text);
  }

  /** How a session that ends then is stored. */
  putOptions(end: Milliseconds): KVPutOptions {
    return { expirationTtl: expirationTtlOf(end - Date.now()), metadata: { e: end } satisfies Dated };
  }

  /** @throws {KVError} `KV_VALUE` if it is not a record of this name. */
  async open(name: string, value: string, metadata: unknown): Promise<OpenRecord> {
    try {
      const dated = endIn(metadata);
      const text = this.#encryption === undefined ? value : await this.#encryption.decrypt(name, dated, value);
      const session: unknown = await this.#serializer.parse(text);
      checkShape(session);
      const end = cookieEnd(session) ?? dated;
      if (Number.isNaN(end)) throw new TypeError("The expiry of its cookie is not a date.");
      this.#check(session);
      return { session, text, end };
    } catch {
      // The original error may quote what was read, so this one has its own words.
      const why =
        this.#encryption === undefined
          ? "it is not a session"
          : "no key of encryption.keys fits, or it was changed, or it belongs to another session, or it is not a session";
      throw new KVError("KV_VALUE", `The session at ${quoteKey(name)} cannot be read and counts as missing: ${why}.`, {
        key: name,
      });
    }
  }

  /** What could not be read again is not written. */
  #checkShape(name: string, session: SessionData): void {
    try {
      checkShape(session);
    } catch (cause) {
      throw new KVError(
        "KV_INVALID",
        `The session at ${quoteKey(name)} cannot be stored. ${(cause as TypeError).message}`,
        { key: name, cause },
      );
    }
  }

  #endOf(session: SessionData, plain: SessionData): Milliseconds {
    const end = cookieEnd(plain);
    if (end !== undefined) return end;
    const seconds = typeof this.#ttl === "function" ? this.#ttl(session) : this.#ttl;
    checkSeconds("What the function ttl returns", seconds, Number.NEGATIVE_INFINITY);
    return Date.now() + seconds * 1000;
  }

  async #stringify(name: string, session: SessionData): Promise<string> {
    let text: unknown;
    try {
      text = await this.#serializer.stringify(session);
    } catch (cause) {
      throw new KVError(
        "KV_INVALID",
        `The session at ${quoteKey(name)} cannot be serialised: does it contain a cycle or a BigInt?`,
        { key: name, cause },
      );
    }
    if (typeof text === "string") return text;
    throw new KVError("KV_INVALID", `serializer.stringify must return a string, not ${kindOf(text)}.`, {
      key: name,
    });
  }
}

/** When a record ends; never, where another hand wrote it without a date. */
export function endIn(metadata: unknown): Milliseconds {
  const end = (metadata as Dated | null | undefined)?.e;
  return typeof end === "number" ? end : Number.POSITIVE_INFINITY;
}
