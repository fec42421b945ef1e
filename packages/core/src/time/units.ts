/**
 * Units of time, so that a type says what a number means.
 *
 * @module
 */

/** A length of time in seconds: KV's own unit. */
export type Seconds = number;

/** A length of time in milliseconds: the unit of timers. */
export type Milliseconds = number;

/** A moment in whole seconds since the Unix epoch: KV's own unit for `expiration`. */
export type UnixSeconds = number;
