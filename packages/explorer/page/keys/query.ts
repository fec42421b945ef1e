import type { KeyTable } from "./key-table.ts";

/** When keys expire that are shown. */
export type Expiry = "any" | "never" | "some" | "hour" | "day" | "week";

/** Which of the keys that are loaded are shown. */
export interface Query {
  /** Text that names contain; with `*` or `?` in it, a pattern that they match as a whole. */
  readonly text: string;
  readonly expiry: Expiry;
  /** `pr=123` or `pr!=123`, as `--where metadata.pr=123` of the command; or a field alone, which must be there. */
  readonly metadata: string;
  /** The least bytes of a value, of those whose size is known; 0 for all. */
  readonly leastBytes: number;
}

export const EVERYTHING: Query = { text: "", expiry: "any", metadata: "", leastBytes: 0 };

const WITHIN: Readonly<Record<"hour" | "day" | "week", number>> = { hour: 3600, day: 86_400, week: 604_800 };

/** Sizes of values that were read, by name. */
export type Sizes = ReadonlyMap<string, number>;

/** Tells of a row whether it is shown. */
export function matcherOf(query: Query, table: KeyTable, sizes: Sizes, now: number): (row: number) => boolean {
  const checks: ((row: number) => boolean)[] = [];
  const { text, expiry, metadata, leastBytes } = query;
  if (text !== "") {
    const matches = nameMatcher(text);
    checks.push((row) => matches(table.name(row)));
  }
  if (expiry !== "any") {
    checks.push((row) => expiresAs(expiry, table.expiration(row), now));
  }
  if (metadata.trim() !== "") {
    const meets = metadataMatcher(metadata.trim());
    checks.push((row) => meets(table.metadata(row)));
  }
  if (leastBytes > 0) checks.push((row) => (sizes.get(table.name(row)) ?? -1) >= leastBytes);
  return (row) => checks.every((check) => check(row));
}

/** Text that is contained, whatever its case; a pattern where it has `*` or `?`. */
export function nameMatcher(text: string): (name: string) => boolean {
  const literal = text.replaceAll(/[\\^$.|+()[\]{}/]/g, String.raw`\$&`);
  const isPattern = /[*?]/.test(text);
  const pattern = isPattern ? `^${literal.replaceAll("*", ".*").replaceAll("?", ".")}$` : literal;
  // An expression compares without making a million lower-case copies.
  const expression = new RegExp(pattern, "isu");
  return (name) => expression.test(name);
}

function expiresAs(expiry: Exclude<Expiry, "any">, expiration: number | undefined, now: number): boolean {
  if (expiry === "never") return expiration === undefined;
  if (expiration === undefined) return false;
  return expiry === "some" || expiration <= now + WITHIN[expiry];
}

/** By the rules of the command: the first `=` counts, and what is compared is text. */
export function metadataMatcher(condition: string): (metadata: unknown) => boolean {
  const [, path = "", not, value] = /^(?:metadata\.)?([^=!]*?)(?:\s*(!?)=(.*))?$/s.exec(condition) ?? [];
  const fields = path === "" || path === "metadata" ? [] : path.split(".");
  if (value === undefined) return (metadata) => at(metadata, fields) !== undefined;
  return (metadata) => (textOf(at(metadata, fields)) === value) !== (not === "!");
}

function at(metadata: unknown, fields: readonly string[]): unknown {
  let value = metadata;
  for (const field of fields) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, field)) return undefined;
    value = (value as Record<string, unknown>)[field];
  }
  return value;
}

function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return value === undefined || (typeof value === "object" && value !== null) ? undefined : JSON.stringify(value);
}
