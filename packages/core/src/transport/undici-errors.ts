import { errors } from "undici";
import type { Milliseconds } from "../seam/kv-namespace.ts";
import { silentFor } from "./silence.ts";
import { TransportTimeout } from "./transport.ts";

/** An error of undici in the transport's own terms. */
export function asTimeout(error: unknown, timeout: Milliseconds): unknown {
  const isSilence = error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError;
  if (isSilence) return silentFor(timeout, { cause: error });
  // The time to connect is undici's own, and its message names it.
  return error instanceof errors.ConnectTimeoutError ? new TransportTimeout(error.message, { cause: error }) : error;
}
