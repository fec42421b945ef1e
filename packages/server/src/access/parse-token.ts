import type { Grant } from "./grant.ts";
import type { TokenSecret } from "./token.ts";

/** A token as it is compared, and what it may do. */
export interface ParsedToken extends Grant {
  readonly sha256: Uint8Array;
}

/** Reads what a {@link TokenSecret} says; returns a text that says what is wrong with it. */
export function parseToken(secret: unknown): ParsedToken | string {
  if (typeof secret !== "object" || secret === null || Array.isArray(secret)) return "it is not an object";
  const { sha256, access, namespaces, prefixes, ...others } = secret as TokenSecret;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) return `${JSON.stringify(unknown)} is not one of sha256, access, namespaces and prefixes`;
  if (typeof sha256 !== "string" || !/^[0-9a-f]{64}$/i.test(sha256)) return "sha256 must be 64 hexadecimal digits";
  if (access !== "read" && access !== "read-write") return "access must be read or read-write";
  if (!areNames(namespaces)) return "namespaces must be an array of ids or titles";
  if (!areNames(prefixes)) return "prefixes must be an array of strings";
  if (prefixes?.some((prefix) => !prefix.isWellFormed())) return "a prefix ends within a character";
  return { sha256: bytesOf(sha256), access, namespaces, prefixes: prefixes && distinct(prefixes) };
}

/** Reads the JSON of a {@link TokenSecret}, as {@link parseToken} does. */
export function parseTokenJson(json: unknown): ParsedToken | string {
  try {
    return parseToken(JSON.parse(json as string));
  } catch {
    return "it is not JSON";
  }
}

function areNames(value: unknown): value is readonly string[] | undefined {
  return (
    value === undefined || (Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === "string"))
  );
}

/** Without those that another one covers. */
function distinct(prefixes: readonly string[]): string[] {
  return [...new Set(prefixes)]
    .filter((one) => !prefixes.some((other) => other !== one && one.startsWith(other)))
    .toSorted(inByteOrder);
}

/** As KV lists: by UTF-8, which is by code points, which UTF-16 is not. */
function inByteOrder(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  for (const [i, character] of left.entries()) {
    const difference = character.codePointAt(0)! - (right[i]?.codePointAt(0) ?? -1);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function bytesOf(digits: string): Uint8Array {
  return Uint8Array.from(digits.match(/../g)!, (pair) => Number.parseInt(pair, 16));
}
