/**
 * What answers the API over HTTP in Node: a listener that drains, and who is let in. For the local server and the proxy.
 *
 * @module
 */
export { authenticate, onlyLoopback, refuseDotSegments } from "./guard.ts";
export { listen } from "./listen.ts";
export type { Listener, Place } from "./listen.ts";
export { countRequests, routeOf } from "./request-counts.ts";
export type { RequestCounts } from "./request-counts.ts";
export { setHeader } from "./routes/answer-header.ts";
