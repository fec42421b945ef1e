import {
  openNamespace,
  type KVNamespace,
  type KVOptions,
  type Milliseconds,
  type OpenNamespace,
  type Seconds,
} from "@kvplug/core";
import { checkOptionNames, describe, isNamespace, KVError, utf8Length } from "@kvplug/core/seam";
import { checkKeys32 } from "./encryption.ts";
import type { SessionData } from "./session-data.ts";

/** Serialises a session and parses it again; both may be asynchronous. */
export interface Serializer {
  stringify(session: SessionData): string | Promise<string>;
  parse(text: string): SessionData | Promise<SessionData>;
}

/** Options of encryption at rest. */
export interface EncryptionOptions {
  /** Each has 32 bytes, or their base64. The first one encrypts, all of them decrypt. */
  keys: readonly (string | Uint8Array)[];
}

/** The copies in this process, with which it reads its own writes and saves requests. */
export interface WindowOptions {
  /** The most sessions that it holds. Default: 10,000. */
  max?: number;
  /** The most bytes that they take together; the least recently used ones go first. Default: 64 MiB. */
  maxBytes?: number;
  /** How long a copy is fresh, and so how late this process may notice a logout elsewhere. Default: 60,000. */
  ttl?: Milliseconds;
}

/**
 * Options of {@link KVSessions} and of the stores. All others are passed to `createKV`: `accountId`, `apiToken` and so
 * on.
 */
export interface SessionOptions extends KVOptions {
  /** A namespace to use instead of a driver's options. You close it yourself. */
  kv?: KVNamespace<any>;
  /**
   * Prefixes each session's id. With `""` the store owns the whole namespace, and `clear` empties it. Default:
   * `"sess:"`.
   */
  prefix?: string;
  /**
   * How long a session lasts if its cookie has no expiry: a number, or a function of the session. Default: 86,400, a
   * day.
   */
  ttl?: Seconds | ((session: any) => Seconds);
  /**
   * Rewrites an unchanged session once its expiry has moved by this much, or by half of the stored session's remaining
   * life, if that is less. 0: each time. Default: 300.
   */
  touchAfter?: Seconds;
  /** Whether `touch` does nothing, so that only a change keeps a session alive. Default: false. */
  disableTouch?: boolean;
  /** Default: JSON. */
  serializer?: Serializer;
  /** Names records by the HMAC-SHA256 of the id, so that KV reveals no id. Default: by the id itself. */
  hashIds?: { secret: string };
  /** AES-256-GCM, bound to the record's name and expiry. Default: none. */
  encryption?: EncryptionOptions;
  /** The copies in this process; `false`: none. Default: on. */
  cache?: WindowOptions | false;
  /**
   * Whether calls wait until a write is confirmed. With `"behind"` they do not, and a failure is an `error` event.
   * Default: `"await"`.
   */
  durability?: "await" | "behind";
}

const DEFAULT_WINDOW = { max: 10_000, maxBytes: 64 * 1024 * 1024, ttl: 60_000 } as const;
const UNITS = { max: "sessions", maxBytes: "bytes", ttl: "milliseconds" } satisfies Record<keyof WindowOptions, string>;
const DEFAULT_TTL: Seconds = 86_400;
const DEFAULT_TOUCH_AFTER: Seconds = 300;

const OWN = [
  "prefix",
  "ttl",
  "touchAfter",
  "disableTouch",
  "serializer",
  "hashIds",
  "encryption",
  "cache",
  "durability",
] as const satisfies (keyof SessionOptions)[];

/** The options, checked. */
export interface Settings {
  readonly open: OpenNamespace;
  readonly prefix: string;
  readonly ttl: Seconds | ((session: SessionData) => Seconds);
  readonly touchAfter: Milliseconds;
  readonly disableTouch: boolean;
  readonly serializer: Serializer;
  readonly secret: string | undefined;
  readonly keys: readonly Uint8Array<ArrayBuffer>[] | undefined;
  readonly window: Readonly<Required<WindowOptions>> | undefined;
  readonly behind: boolean;
}

/**
 * @param name The store's name in errors.
 * @throws {KVError} `KV_INVALID` for an unknown or invalid option.
 */
export function settingsOf(
  name: string,
  given: KVNamespace<any> | SessionOptions = {},
  more: SessionOptions = {},
): Settings {
  const options: SessionOptions = isNamespace(given) ? { ...more, kv: given } : { ...given, ...more };
  const { kv, ...rest } = options;
  const {
    prefix = "sess:",
    ttl = DEFAULT_TTL,
    touchAfter = DEFAULT_TOUCH_AFTER,
    disableTouch = false,
    serializer = JSON,
    hashIds,
    encryption,
    cache = {},
    durability = "await",
    ...driver
  } = rest;
  if (kv !== undefined) checkOptionNames(`${name} over a namespace`, rest, OWN);
  if (typeof prefix !== "string" || !prefix.isWellFormed() || utf8Length(prefix) > 256) {
    refuse("prefix", "a string of up to 256 bytes", prefix);
  }
  if (typeof ttl !== "function") checkSeconds("ttl", ttl, 1);
  checkSeconds("touchAfter", touchAfter, 0);
  if (typeof disableTouch !== "boolean") refuse("disableTouch", "true or false", disableTouch);
  if (typeof serializer?.stringify !== "function" || typeof serializer.parse !== "function") {
    refuse("serializer", "an object with the methods stringify and parse", serializer);
  }
  if (durability !== "await" && durability !== "behind") refuse("durability", '"await" or "behind"', durability);
  return Object.freeze({
    prefix,
    ttl,
    touchAfter: touchAfter * 1000,
    disableTouch,
    serializer,
    secret: hashIds === undefined ? undefined : checkSecret(hashIds),
    keys: encryption === undefined ? undefined : checkEncryption(encryption),
    window: cache === false ? undefined : checkWindow(cache),
    behind: durability === "behind",
    // Last: it opens connections.
    open: openNamespace(kv ?? driver, { name, options: ["kv", ...OWN] }),
  });
}

/** @throws {KVError} `KV_INVALID` unless this is a number of seconds, `least` or more. */
export function checkSeconds(what: string, value: unknown, least: Seconds): asserts value is Seconds {
  if (typeof value === "number" && Number.isFinite(value) && value >= least) return;
  refuse(what, `a number of seconds, ${least} or more`, value);
}

function checkSecret(hashIds: { secret: string }): string {
  checkOptionNames("hashIds", hashIds, ["secret"]);
  // Never shown, whatever it is.
  if (typeof hashIds.secret !== "string" || hashIds.secret === "") {
    throw new KVError("KV_INVALID", "hashIds needs a secret, a non-empty string: { secret: process.env.SECRET }.");
  }
  return hashIds.secret;
}

function checkEncryption(encryption: EncryptionOptions): readonly Uint8Array<ArrayBuffer>[] {
  checkOptionNames("encryption", encryption, ["keys"]);
  return checkKeys32(encryption.keys);
}

function checkWindow(cache: WindowOptions): Required<WindowOptions> {
  checkOptionNames("cache", cache, Object.keys(UNITS));
  const { max = DEFAULT_WINDOW.max, maxBytes = DEFAULT_WINDOW.maxBytes, ttl = DEFAULT_WINDOW.ttl } = cache;
  const window = { max, maxBytes, ttl };
  for (const [name, unit] of Object.entries(UNITS) as [keyof WindowOptions, string][]) {
    const value = window[name];
    if (!Number.isSafeInteger(value) || value < 1)
      refuse(`cache.${name}`, `a whole number of ${unit}, 1 or more`, value);
  }
  return window;
}

function refuse(what: string, wanted: string, value: unknown): never {
  throw new KVError("KV_INVALID", `${what} must be ${wanted}, not ${describe(value)}.`);
}
