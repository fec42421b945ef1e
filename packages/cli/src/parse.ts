/**
 * What the texts behind the flags mean. Where a text means nothing, commander puts the flag and the
 * text before the message.
 *
 * @module
 */
import type { Milliseconds, Seconds, UnixSeconds } from "@kvplug/core/seam";
import type { NamespaceOption, ServerOptions } from "@kvplug/server";
import { InvalidArgumentError } from "commander";

type Option<Name extends keyof ServerOptions> = NonNullable<ServerOptions[Name]>;

/** Parses a flag that may be given once: a second one may be a key, which a shell put among the flags. */
export function once(parse: (text: string) => string = (text) => text): (text: string, before?: string) => string {
  return (text, before) => {
    if (before !== undefined) throw new InvalidArgumentError("It is given twice. Put -- before keys.");
    return parse(text);
  };
}

/** `8787`. */
export function parsePort(text: string): Option<"port"> {
  const port = whole(text);
  if (!(port <= 65_535)) throw new InvalidArgumentError("A port is a whole number, 0 to 65535.");
  return port;
}

/** `sessions`, or `sessions=ID`; the last `=` counts. Flags that repeat make a list. */
export function parseNamespace(text: string, before: NamespaceOption[] = []): NamespaceOption[] {
  const separator = text.lastIndexOf("=");
  const title = separator === -1 ? text : text.slice(0, separator);
  const id = separator === -1 ? undefined : text.slice(separator + 1);
  if (title === "" || id === "") {
    throw new InvalidArgumentError(
      "It must be a title, such as sessions, or a title and an id, such as sessions=0f2ac74b.",
    );
  }
  if (id !== undefined && !/^[\w-]{1,32}$/.test(id)) {
    throw new InvalidArgumentError(`An id is 1 to 32 letters, digits, - or _, such as ${"0f2ac74b".repeat(4)}.`);
  }
  return [...before, { title, id }];
}

/** `50`, or `20-200` for something between the two. */
export function parseLatency(text: string): Option<"latency"> {
  const [min = Number.NaN, max = min, ...rest] = text.split("-").map(whole);
  if (!(min <= max) || rest.length > 0) {
    throw new InvalidArgumentError("It must be milliseconds, such as 50, or a range, such as 20-200.");
  }
  return [min, max];
}

/** `1200/300`: 1,200 requests in 300 seconds. */
export function parseRateLimit(text: string): Option<"rateLimit"> {
  const [requests = 0, seconds = 0, ...rest] = text.split("/").map(whole);
  if (!(requests > 0 && seconds > 0) || rest.length > 0) {
    throw new InvalidArgumentError("It must be requests and seconds, both above 0, such as 1200/300.");
  }
  return { requests, window: seconds * 1000 };
}

/** How the faults are named on the command line. */
const FAULTS: ReadonlyMap<string, keyof Option<"faults">> = new Map([
  ["errors", "errors"],
  ["drops", "drops"],
  ["html", "html"],
  ["unsuccessful-keys", "unsuccessfulKeys"],
]);

/** `errors=0.05,drops=0.02`. Flags that repeat add to each other. */
export function parseFaults(text: string, before: Option<"faults"> = {}): Option<"faults"> {
  const faults = { ...before };
  for (const part of text.split(",")) {
    const [, name = "", share] = /^([a-z-]+)=(\d*\.?\d+)$/.exec(part) ?? [];
    const fault = FAULTS.get(name);
    if (fault === undefined || !(Number(share) <= 1)) {
      throw new InvalidArgumentError(
        `It must be shares from 0 to 1, such as errors=0.05,drops=0.02. Kinds are ${[...FAULTS.keys()].join(", ")}.`,
      );
    }
    faults[fault] = Number(share);
  }
  return faults;
}

/** `250`. */
export function parseMilliseconds(text: string): Milliseconds {
  const milliseconds = whole(text);
  if (Number.isNaN(milliseconds)) throw new InvalidArgumentError("It must be whole milliseconds, such as 250.");
  return milliseconds;
}

/** `7`. */
export function parseSeed(text: string): Option<"seed"> {
  const seed = whole(text);
  if (Number.isNaN(seed)) throw new InvalidArgumentError("A seed is a whole number, such as 7.");
  return seed;
}

/** `100`, and not 0. */
export function parseCount(text: string): number {
  const count = whole(text);
  if (!(count > 0)) throw new InvalidArgumentError("It must be a whole number above 0.");
  return count;
}

const UNIT_SECONDS: Readonly<Record<string, Seconds>> = { "": 1, s: 1, m: 60, h: 3600, d: 86_400 };

/** `3600`, `60m`, `1h` or `30d`. */
export function parseTtl(text: string): Seconds {
  const [, number = "", unit = ""] = /^(\d+)([smhd]?)$/.exec(text) ?? [];
  if (number === "") throw new InvalidArgumentError("It must be seconds, such as 3600, or 60m, 1h, 30d.");
  return Number(number) * UNIT_SECONDS[unit]!;
}

/** `30` seconds, or `2m`. */
export function parseTimeout(text: string): Milliseconds {
  const seconds = parseTtl(text);
  if (seconds === 0) throw new InvalidArgumentError("It must be a time above 0.");
  return seconds * 1000;
}

/** `1900000000` or `2030-03-17T17:46:40Z`. */
export function parseExpiration(text: string): UnixSeconds {
  const seconds = whole(text);
  const moment = Number.isNaN(seconds) ? Math.floor(Date.parse(text) / 1000) : seconds;
  if (Number.isNaN(moment))
    throw new InvalidArgumentError("It must be Unix seconds, or a date such as 2030-03-17T17:46:40Z.");
  return moment;
}

/** `{"seen":1}`. */
export function parseMetadata(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidArgumentError(`It must be JSON, such as '{"seen":1}'.`);
  }
}

/** `old:=new:`; the first `=` counts. */
export function parseMapPrefix(text: string): { from: string; to: string } {
  const separator = text.indexOf("=");
  if (separator === -1) throw new InvalidArgumentError("It must be two prefixes, such as old:=new:.");
  return { from: text.slice(0, separator), to: text.slice(separator + 1) };
}

/** A whole number that is not negative, written in digits alone; `NaN` for all else. */
function whole(text: string): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(number) ? number : Number.NaN;
}
