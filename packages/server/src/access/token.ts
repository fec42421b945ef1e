import { KVError } from "@kvplug/core/seam";

/** What a token may do. */
export type TokenAccess = "read" | "read-write";

/**
 * A token as a gateway or a proxy stores it: its hash, and what it may do. A gateway reads it as JSON from a Worker
 * secret, a proxy from an option or a variable; the names of both begin with `KVPLUG_TOKEN_`.
 *
 * @example
 * // KVPLUG_TOKEN_CI
 * {"sha256":"9f86d0…","access":"read","namespaces":["sessions"],"prefixes":["user:"]}
 */
export interface TokenSecret {
  /** SHA-256 of the token in hexadecimal digits; see {@link hashToken}. */
  sha256: string;
  access: TokenAccess;
  /** The namespaces that it may access, by id or, at a gateway, by title. Default: all. */
  namespaces?: readonly string[] | undefined;
  /** The keys that it may access: those that begin with one of these. Default: all. */
  prefixes?: readonly string[] | undefined;
}

/** The prefix of token secrets' names. */
export const TOKEN_SECRET_PREFIX = "KVPLUG_TOKEN_";

const RANDOM_BYTES = 32;

/** The shortest token that is worth hashing: its hash must not be guessed back. */
const MIN_TOKEN_LENGTH = 32;

const encoder = new TextEncoder();

/** Returns a new token: 256 random bits. */
export function createToken(): string {
  return `kvplug_${hex(crypto.getRandomValues(new Uint8Array(RANDOM_BYTES)))}`;
}

/**
 * Resolves with the hash that a gateway or a proxy stores for a token.
 *
 * @throws {KVError} `KV_INVALID` if the token is shorter than 32 characters: use {@link createToken}'s.
 * @example
 * const token = createToken();
 * const secret = { sha256: await hashToken(token), access: "read" };
 */
export async function hashToken(token: string): Promise<string> {
  if (typeof token !== "string" || token.length < MIN_TOKEN_LENGTH) {
    throw new KVError("KV_INVALID", `A token must have at least ${MIN_TOKEN_LENGTH} characters, all of them random.`);
  }
  return hex(await digest(token));
}

/** SHA-256 of a text. */
export async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text)));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
