import type { KVNamespace, Milliseconds } from "@kvplug/core/seam";

/** An implementation of the seam that a suite runs against, with an empty namespace. */
export interface OpenedSeam {
  kv: KVNamespace;
  /** The implementation's clock. Default: the real one. */
  now?: () => Milliseconds;
  /** Moves it; absent with {@link Quirks.clockStands}. */
  advance?: (time: Milliseconds) => void;
  close(): Promise<void>;
}

/** Where an implementation differs from the suite, and may: each says what is seen instead. */
export interface Quirks {
  /** Its clock cannot be moved, so that nothing expires in the time of a test. */
  clockStands?: boolean;
  /** `getWithMetadata(keys)` holds `null` for a missing key, where `getWithMetadata(key)` has an entry without a value. */
  nullForMissingEntries?: boolean;
  /** `get([])` is refused rather than answered with an empty map. */
  refusesNoKeys?: boolean;
  /** A byte order mark at the beginning of a text is lost in `get(keys)`. */
  bulkReadsDropByteOrderMark?: boolean;
  /** The keys that are missing from the map of `get(keys)`, whether or not they exist. */
  bulkReadsLose?: (key: string) => boolean;
  /** A prefix that holds a NUL finds nothing. */
  prefixEndsAtNul?: boolean;
  /** Fractions of seconds are cut off, and a `limit` below 1 means the default one. */
  roundsNumbers?: boolean;
  /** A lone surrogate in a key or a text is replaced by U+FFFD without a word. */
  replacesLoneSurrogates?: boolean;
  /** Options that do not exist are ignored. */
  ignoresUnknownOptions?: boolean;
}

/**
 * How much of the suite an implementation passes:
 * - `core`: what each operation does, and an example of each edge;
 * - `whole`: every edge, too;
 * - `full`: values of 25 MiB and listings of a thousand names, too, which take some implementations seconds each.
 */
export type Extent = "core" | "whole" | "full";

/** What the parts of the suite share: one namespace, emptied before each test. */
export interface Seam {
  readonly kv: KVNamespace;
  now(): Milliseconds;
  advance(time: Milliseconds): void;
  readonly quirks: Quirks;
  readonly extent: Extent;
}

/** The cases of a table: for the core, every so many of them, the first one among them. */
export function casesOf<Case>({ extent }: Seam, cases: readonly Case[], step: number): readonly Case[] {
  return extent === "core" ? cases.filter((_, i) => i % step === 0) : cases;
}
