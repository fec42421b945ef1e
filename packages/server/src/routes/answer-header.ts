import type { Context } from "hono";
import { SENDS_WHOLE } from "./whole-response.ts";

/**
 * Sets a header of the answer, whatever that will be. Where the answer goes out through Node's own response, the header is
 * set there: a `Headers` is made of each answer, copied into a `Response` and read again, which takes longer than a route. An
 * answer that has the header itself replaces it; none takes it away.
 *
 * @example
 * app.use((c, next) => (setHeader(c, "cache-control", "no-store"), next()));
 */
export function setHeader(c: Context, name: string, value: string): void {
  if (c.env?.[SENDS_WHOLE] === true) c.env.outgoing.setHeader(name, value);
  else c.header(name, value);
}
