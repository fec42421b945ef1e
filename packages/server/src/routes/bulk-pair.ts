import { checkKey, checkText, checkValueBytes, quoteKey } from "@kvplug/core/seam";
import type { Milliseconds } from "@kvplug/core/seam";
import type { KVPair } from "../backend.ts";
import { refuseKey, refuseValue, toPutOptions } from "./checks.ts";
import { ApiError, CODE } from "./errors.ts";

/** An entry of a bulk write, checked. */
export function toPair(entry: unknown, index: number, now: Milliseconds): KVPair {
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) {
    throw new ApiError(400, CODE.value, `Entry ${index} of the bulk write is not an object with a key and a value.`);
  }
  const { key, value, base64, ...options } = entry as Record<string, unknown>;
  refuseKey(() => checkKey(key));
  const name = key as string;
  if (typeof value !== "string") {
    throw new ApiError(
      400,
      CODE.value,
      `The value of ${quoteKey(name)} must be a string; bytes go as base64 with "base64": true.`,
    );
  }
  if (base64 !== undefined && base64 !== null && typeof base64 !== "boolean") {
    throw new ApiError(400, CODE.value, `base64 of ${quoteKey(name)} must be true or false.`);
  }
  return {
    ...toPutOptions(name, options, now),
    key: name,
    value: base64 === true ? decodeBase64(name, value) : checked(name, value),
  };
}

function checked(key: string, text: string): string {
  refuseValue(() => checkText(key, text));
  return text;
}

function decodeBase64(key: string, text: string): Uint8Array {
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    throw new ApiError(400, CODE.value, `The value of ${quoteKey(key)} is not base64.`);
  }
  refuseValue(() => checkValueBytes(key, binary.length));
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < bytes.length; index++) bytes[index] = binary.charCodeAt(index);
  return bytes;
}
