import { equalBytes } from "@kvplug/server/routes";
import { TOKEN_SECRET_PREFIX, digest } from "./token.ts";
import type { TokenAccess, TokenSecret } from "./token.ts";

/** What a token may see and do. */
export interface Grant {
  readonly access: TokenAccess;
  /** Ids and titles; `undefined` for all namespaces. */
  readonly namespaces: readonly string[] | undefined;
  /** None of them begins with another, in the order of their UTF-8 bytes; `undefined` for all keys. */
  readonly prefixes: readonly string[] | undefined;
}

interface Token extends Grant {
  readonly sha256: Uint8Array;
}

/** A Worker's bindings, by name. */
export type Env = Readonly<Record<string, unknown>>;

/** They are the same object for as long as a Worker runs. */
const known = new WeakMap<Env, readonly Token[]>();

/** What a token may do; `undefined` where it is none. Takes as long for one as for the other. */
export async function grantOf(env: Env, token: string): Promise<Grant | undefined> {
  let tokens = known.get(env);
  if (tokens === undefined) known.set(env, (tokens = tokensOf(env)));
  const given = await digest(token);
  let found: Token | undefined;
  for (const one of tokens) if (equalBytes(one.sha256, given)) found = one;
  return token === "" ? undefined : found;
}

/** All tokens among the secrets. One that cannot be read lets nobody in, and is told to the log by its name. */
function tokensOf(env: Env): Token[] {
  const parsed = Object.entries(env)
    .filter(([name]) => name.startsWith(TOKEN_SECRET_PREFIX))
    .map(([name, secret]) => ({ name, token: parseToken(secret) }));
  const tokens: Token[] = [];
  for (const { name, token } of parsed) {
    const twin = parsed.find((other) => other.name !== name && isSame(other.token, token));
    if (typeof token === "string") console.error(`The secret ${name} grants no access: ${token}.`);
    // Which scope is meant nobody knows.
    else if (twin) console.error(`The secret ${name} grants no access: ${twin.name} has the same sha256.`);
    else tokens.push(token);
  }
  if (tokens.length === 0) console.error(`No secret ${TOKEN_SECRET_PREFIX}* contains a token, so nobody has access.`);
  return tokens;
}

function isSame(a: Token | string, b: Token | string): boolean {
  return typeof a !== "string" && typeof b !== "string" && equalBytes(a.sha256, b.sha256);
}

/** A token, or what is wrong with its secret. */
function parseToken(secret: unknown): Token | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(secret as string);
  } catch {
    return "it is not JSON";
  }
  if (typeof parsed !== "object" || parsed === null) return "it is not an object";
  const { sha256, access, namespaces, prefixes, ...others } = parsed as TokenSecret;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) return `${JSON.stringify(unknown)} is not one of sha256, access, namespaces and prefixes`;
  if (typeof sha256 !== "string" || !/^[0-9a-f]{64}$/i.test(sha256)) return "sha256 must be 64 hexadecimal digits";
  if (access !== "read" && access !== "read-write") return "access must be read or read-write";
  if (!areNames(namespaces)) return "namespaces must be an array of ids or titles";
  if (!areNames(prefixes)) return "prefixes must be an array of strings";
  if (prefixes?.some((prefix) => !prefix.isWellFormed())) return "a prefix ends within a character";
  return { sha256: bytesOf(sha256), access, namespaces, prefixes: prefixes && distinct(prefixes) };
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
