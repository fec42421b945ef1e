import type { Milliseconds } from "@kvplug/core";

/**
 * What becomes of a request. Times count from the moment at which all of it has come; nothing takes effect after an
 * answer that says so. What does not fit a request (a 429 for one key, of a listing) is answered well.
 *
 * | how | what takes effect | what the client gets |
 * |---|---|---|
 * | `well` | all | the answer |
 * | `twice` | all, once at `effect` and once just before the answer | the answer |
 * | `silence` | all, at `effect`, unless that is `never` | nothing |
 * | `reset` | all, unless `effect` is `never` | the connection breaks |
 * | `500` | all, unless `effect` is `never` | a 500 in the API's envelope |
 * | `504` | all, unless `effect` is `never` | a proxy's 504 in the API's envelope |
 * | `page` | all, unless `effect` is `never` | a proxy's page, with 502 |
 * | `429` | nothing | a 429 for all requests |
 * | `429 of the key` | nothing | a 429 for this key: only of one that writes one key |
 * | `cut` | all | half of the body, then the connection breaks |
 * | `cut JSON` | all | half of the body, as if it were whole: not of a value |
 * | `part` | a bulk write: its first keys, and the others are named `unsuccessful_keys` | |
 * | `no result` | a bulk write: its first keys | `{"success":true}` |
 * | `no count` | a bulk write: its first keys | `successful_key_count` of those, and no `unsuccessful_keys` |
 * | `short page` | | a listing: its first names, and a cursor |
 * | `keys missing` | | a bulk read: only the first keys |
 */
export type How =
  | "well"
  | "twice"
  | "silence"
  | "reset"
  | "500"
  | "504"
  | "page"
  | "429"
  | "429 of the key"
  | "cut"
  | "cut JSON"
  | "part"
  | "no result"
  | "no count"
  | "short page"
  | "keys missing";

/** What the API does with one request; see {@link How}. */
export interface Fate {
  how?: How;
  /** When it takes effect, or is read. Default: 1. */
  effect?: Milliseconds | "never";
  /** When it is answered. Default: 2. */
  answer?: Milliseconds;
  /** How much later than the one before it each key of a bulk write takes effect. Default: 0. */
  stagger?: Milliseconds;
  /** How many keys "the first keys" are. Default: 0. */
  first?: number;
  /** Of a 429: its `Retry-After` in seconds. Default: none. */
  retryAfter?: number;
  /** How many requests of ten a second the headers of the answer say are left. Default: they say nothing. */
  left?: number;
  /** How long after the head of an answer the second half of its body comes, or `never`. Default: 0. */
  body?: Milliseconds | "never";
}
