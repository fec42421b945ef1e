import { errors } from "undici";
import { TransportTimeout } from "./transport.ts";

/** An error of undici in the transport's own terms. */
export function asTimeout(error: unknown): unknown {
  const timedOut =
    error instanceof errors.HeadersTimeoutError ||
    error instanceof errors.BodyTimeoutError ||
    error instanceof errors.ConnectTimeoutError;
  return timedOut ? new TransportTimeout(error.message, { cause: error }) : error;
}
