import type { webcrypto } from "node:crypto";
import { describe, KVError, type Milliseconds } from "@kvplug/core/seam";

const KEY_BYTES = 32;
/** What AES-GCM is specified for; random ones are good for 2^32 records a key. */
const NONCE_BYTES = 12;
/** Of either alphabet. */
const BASE64 = /^[\w+/-]*={0,2}$/;
/** The format, so that another one can follow. */
const MARK = "a1.";

/** @throws {KVError} `KV_INVALID` unless each is 32 bytes. It names the place and the length, never the key. */
export function checkKeys32(keys: unknown): readonly Uint8Array<ArrayBuffer>[] {
  if (!Array.isArray(keys) || keys.length === 0) {
    throw new KVError("KV_INVALID", "encryption.keys must be an array of one key or more; the first one encrypts.");
  }
  return keys.map((key: unknown, i) => {
    const bytes = bytesOf(key);
    if (bytes === undefined) {
      const given = typeof key === "string" ? "other text" : describe(key);
      throw new KVError("KV_INVALID", `encryption.keys[${i}] must be bytes or their base64, not ${given}.`);
    }
    if (bytes.byteLength === KEY_BYTES) return bytes;
    throw new KVError(
      "KV_INVALID",
      `encryption.keys[${i}] must have ${KEY_BYTES} bytes, not ${bytes.byteLength}: create one with \`openssl rand -base64 32\`.`,
    );
  });
}

/** A copy, since the caller may wipe its own; `undefined` for what is neither bytes nor base64. */
function bytesOf(key: unknown): Uint8Array<ArrayBuffer> | undefined {
  if (key instanceof Uint8Array) return new Uint8Array(key);
  // Node's decoder skips what is no base64, and would make a key of a passphrase.
  return typeof key === "string" && BASE64.test(key.trim()) ? new Uint8Array(Buffer.from(key, "base64")) : undefined;
}

/** AES-256-GCM. Each text is bound to a name and to its end: under another name, or with another end, it cannot be read. */
export class Encryption {
  readonly #keys: readonly Promise<webcrypto.CryptoKey>[];

  constructor(keys: readonly Uint8Array<ArrayBuffer>[]) {
    this.#keys = keys.map((key) => crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt", "decrypt"]));
  }

  async encrypt(name: string, end: Milliseconds, text: string): Promise<string> {
    const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
    const sealed = await crypto.subtle.encrypt(algorithm(name, end, iv), await this.#keys[0]!, Buffer.from(text));
    return MARK + Buffer.concat([iv, new Uint8Array(sealed)]).toString("base64url");
  }

  /** @throws if no key fits, the text was changed, or it belongs to another name or expiry. */
  async decrypt(name: string, end: Milliseconds, text: string): Promise<string> {
    if (!text.startsWith(MARK)) throw new Error("It is not encrypted.");
    const sealed = Buffer.from(text.slice(MARK.length), "base64url");
    const parameters = algorithm(name, end, new Uint8Array(sealed.subarray(0, NONCE_BYTES)));
    for (const key of this.#keys) {
      try {
        const opened = await crypto.subtle.decrypt(parameters, await key, sealed.subarray(NONCE_BYTES));
        return Buffer.from(opened).toString();
      } catch {
        // WebCrypto says no more than that it failed; the next key may fit.
      }
    }
    throw new Error("No key fits, or it was changed, or it belongs to another record.");
  }
}

function algorithm(name: string, end: Milliseconds, iv: Uint8Array<ArrayBuffer>): webcrypto.AeadParams {
  return { name: "AES-GCM", iv, additionalData: Buffer.from(`${end} ${name}`), tagLength: 128 };
}
