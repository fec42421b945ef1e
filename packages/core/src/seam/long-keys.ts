import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { MAX_KEY_BYTES } from "./limits.ts";
import { utf8Length } from "./validate.ts";

/** Stands before the hash. */
const MARK = "~sha256-";

/** What follows the part of a long key that is kept: the mark, and 32 bytes in hexadecimal digits. */
const HASH_BYTES = MARK.length + 64;

/** What ends as a hashed name does. */
const LOOKS_HASHED = /~sha256-[\da-f]{64}$/;

/**
 * Returns a record's name for a key that may be too long for KV: `prefix` and `key` if they fit in 512 bytes. Otherwise
 * the end of the key is replaced by `~sha256-` and the SHA-256 of the whole key in UTF-8, as 64 hexadecimal digits.
 * Such a name has 512 bytes, or up to three fewer so as not to cut a character. Its beginning can still be listed. No
 * two keys share a name: a key that looks like a hashed name and is as long is hashed too.
 *
 * @param prefix Kept as it is. One that leaves no room for a hash makes a name that is too long.
 * @example
 * nameOfLong("pages::", "https://example.com/" + "x".repeat(1000)); // "pages::https://example.com/xxx…~sha256-2c62…"
 */
export function nameOfLong(prefix: string, key: string): string {
  const name = prefix + key;
  // A UTF-16 unit is at most three bytes of UTF-8: short keys need no counting.
  if (name.length * 3 <= MAX_KEY_BYTES - 4) return name;
  const bytes = utf8Length(name);
  if (bytes <= MAX_KEY_BYTES && !(bytes > MAX_KEY_BYTES - 4 && LOOKS_HASHED.test(key))) return name;
  const room = MAX_KEY_BYTES - HASH_BYTES - utf8Length(prefix);
  // What UTF-8 cannot carry would share its hash with other keys: the name is refused as it is.
  if (room < 0 || !key.isWellFormed()) return name;
  const inBytes = new TextEncoder().encode(key);
  return prefix + startOf(inBytes, room) + MARK + bytesToHex(sha256(inBytes));
}

/** Returns as many whole characters as fit in this many bytes. */
function startOf(bytes: Uint8Array, length: number): string {
  let end = Math.min(length, bytes.length);
  // Not within a character: what continues one begins with the bits 10.
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--;
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(0, end));
}
