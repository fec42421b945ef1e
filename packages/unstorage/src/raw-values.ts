import { stampOf } from "./stamp.ts";

/** What goes before raw values that travel as text, which is how unstorage stores them where a driver cannot. */
const BASE64 = new TextEncoder().encode("base64:");

/** A raw value as it was written: ours as it is, another hand's out of its base64 where it is in that. */
export function rawOf(value: ArrayBuffer, metadata: unknown): Uint8Array {
  const bytes = new Uint8Array(value);
  const encoded = stampOf(metadata) === undefined && BASE64.every((byte, i) => bytes[i] === byte);
  if (!encoded) return bytes;
  const text = new TextDecoder().decode(bytes.subarray(BASE64.length));
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
