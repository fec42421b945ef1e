/**
 * Checks of options. Each error names the option and what it accepts.
 *
 * @module
 */
import { KVError, MAX_TITLE_LENGTH } from "@kvplug/core/seam";

/** Throws the error for an option that is wrong. */
export function refuse(option: string, must: string, given: unknown): never {
  const shown =
    typeof given === "object" && given !== null
      ? "an object"
      : typeof given === "bigint"
        ? `${given}n`
        : JSON.stringify(given);
  const figure = typeof given === "number" ? String(given) : (shown ?? `a ${typeof given}`);
  throw new KVError("KV_INVALID", `${option} must be ${must}, not ${figure}.`);
}

export function checkDataPath(data: unknown): asserts data is string | undefined {
  if (data === undefined) return;
  if (typeof data !== "string" || data === "") refuse("data", "the path of a file", data);
}

export function checkTitle(option: string, title: unknown): asserts title is string {
  if (typeof title !== "string" || title === "") refuse(option, "a non-empty title", title);
  if (!title.isWellFormed()) refuse(option, "a title without lone surrogates, which UTF-8 cannot encode", title);
  if (title.length > MAX_TITLE_LENGTH)
    refuse(option, `a title of at most ${MAX_TITLE_LENGTH} characters`, title.length);
}

export function checkClock(now: unknown): void {
  if (now !== undefined && typeof now !== "function") refuse("now", "a function that returns milliseconds", now);
}

/** A number from `min` to `max`, both included. */
export function checkNumber(
  option: string,
  value: unknown,
  min: number,
  max: number,
  unit: string,
): asserts value is number {
  if (typeof value === "number" && value >= min && value <= max) return;
  refuse(option, max === Infinity ? `${unit} of at least ${min}` : `${unit} from ${min} to ${max}`, value);
}

export function checkWhole(
  option: string,
  value: unknown,
  min: number,
  max: number,
  unit: string,
): asserts value is number {
  checkNumber(option, value, min, max, unit);
  if (!Number.isInteger(value)) refuse(option, "a whole number", value);
}

/** Throws unless this is an object with options. */
export function checkObject(option: string, value: unknown): asserts value is object {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    refuse(option, "an object of options", value);
}
