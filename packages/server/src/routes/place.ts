import type { ApiError } from "./errors.ts";

/**
 * What a request may hold in memory. An error that a method returns is answered, and nothing is held.
 */
export interface Place {
  /** Called with the size of the buffer of the request's body, again each time it grows. */
  holdBody(bytes: number): ApiError | undefined;
  /** Called with the size of an answer that is in memory as a whole, before it is sent. */
  holdAnswer(bytes: number): ApiError | undefined;
}

/** What middleware may set in hono's context, so that what all requests hold together is limited. */
export interface PlaceVariables {
  place?: Place;
}
