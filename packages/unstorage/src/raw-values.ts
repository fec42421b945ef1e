import { stampOf } from "./stamp.ts";

/** The prefix of raw values stored as text, which unstorage uses for drivers without raw values. */
const PREFIX = new TextEncoder().encode("base64:");

/**
 * Returns a raw value as it was written: this driver's own unchanged, another driver's decoded from base64 if it is in
 * base64.
 */
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
