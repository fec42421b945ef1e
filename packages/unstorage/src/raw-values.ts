import { stampOf } from "./stamp.ts";

/** What goes before raw values that travel as text, which is how unstorage stores them where a driver cannot. */
const PREFIX = new TextEncoder().encode("base64:");

/** A raw value as it was written: one of ours as it is, any other out of its base64 where it is in that. */
export function rawOf(value: ArrayBuffer, metadata: unknown): Uint8Array {
  const bytes = new Uint8Array(value);
  if (stampOf(metadata)?.raw || !PREFIX.every((byte, i) => bytes[i] === byte)) return bytes;
  try {
    const binary = atob(new TextDecoder().decode(bytes.subarray(PREFIX.length)));
    return Uint8Array.from(binary, (character) => character.charCodeAt(0));
  } catch {
    // It only looked like it.
    return bytes;
  }
}
