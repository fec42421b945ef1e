import type { KVPair } from "@kvplug/core";

/** A record of a source, wherever it is. */
export interface UnreadRecord {
  /** Where it is: `line 3`. */
  readonly place: string;
  /** @throws {Error} that says what is wrong with it. */
  read(): KVPair;
}
