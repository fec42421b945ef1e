/**
 * Everything that an implementation or a user of the seam needs: types, limits, checks, decoding, errors, and helpers
 * for any namespace. It loads no transport, so it is small and runs anywhere.
 *
 * @module
 */
// First of all: what follows does not load on an older Node.
import { isNewEnough } from "#oldest-node";

export * from "./about-key.ts";
export * from "./any-namespace.ts";
export * from "./clear-prefix.ts";
export * from "./decode.ts";
export * from "../time/end-of-tick.ts";
export * from "../time/exact-time.ts";
export * from "./errors.ts";
export * from "./flow.ts";
export * from "./fresh.ts";
export * from "./gateway-headers.ts";
export * from "./get-with-expiration.ts";
export type * from "./kv-namespace.ts";
export * from "./limits.ts";
export * from "./long-keys.ts";
export * from "./look-and-delete.ts";
export * from "./most-bytes.ts";
export * from "./presence.ts";
export * from "./put-options.ts";
export * from "./read-bytes.ts";
export * from "./reads-within.ts";
export * from "./reason.ts";
export * from "./redact.ts";
export * from "./pending-promises.ts";
export * from "./unlisted-keys.ts";
export * from "./validate.ts";
export * from "./value.ts";
export * from "./wait-at-most.ts";
export * from "./withdrawal.ts";

// By a name, which declarations leave out: they need nothing of it.
void isNewEnough;
