import type { Context } from "hono";
import { ApiError } from "./errors.ts";
import { given } from "./given.ts";

/** A whole number in the query, within its bounds. */
export function wholeNumber(
  c: Context,
  name: string,
  fallback: number,
  min: number,
  max: number,
  code: number,
): number {
  const text = c.req.query(name);
  if (text === undefined) return fallback;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new ApiError(400, code, `${name} must be a whole number from ${min} to ${max}, not ${given(text)}.`);
}

/** One of some words in the query. */
export function oneOf<Word extends string>(
  c: Context,
  name: string,
  words: readonly [Word, ...Word[]],
  code: number,
): Word {
  const text = c.req.query(name);
  if (text === undefined) return words[0];
  const word = words.find((candidate) => candidate === text);
  if (word === undefined) throw new ApiError(400, code, `${name} must be ${words.join(" or ")}, not ${given(text)}.`);
  return word;
}

/** A number of seconds in the query as a number; what is none is left as it is, for the check to name it. */
export function seconds(c: Context, name: string): unknown {
  const text = c.req.query(name);
  return text !== undefined && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
