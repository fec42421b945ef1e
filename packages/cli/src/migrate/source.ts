import type { UnixSeconds } from "@kvplug/core/seam";

/** A key as another store has it. */
export interface Found {
  /** `undefined` if its bytes are not text. */
  readonly key: string | undefined;
  readonly value: Buffer | string;
  readonly expiration?: UnixSeconds | undefined;
}

/** Keys that were read together, and where the next ones begin. */
export interface Heap {
  readonly found: readonly Found[];
  /** How many had to be left out, being no plain values. */
  readonly unfit: number;
  /** Where reading goes on; `undefined` at the end. */
  readonly next: string | undefined;
}

/** Another store, to be read once from beginning to end. */
export interface Source extends AsyncDisposable {
  /** What it is, without a password. */
  readonly name: string;
  /** About how many keys there are. */
  readonly count: number | undefined;
  /** Reads from a place on; from the beginning, at `""`. */
  read(from: string): AsyncIterable<Heap>;
}
