import type { KVClientOptions } from "@kvplug/core";
import { Agent, fetch as undiciFetch } from "undici";
import { afterAll } from "vitest";

/** A way that requests travel to a {@link TlsFront}. */
export interface Way {
  readonly name: string;
  /** The version of HTTP that it comes to. */
  readonly version: string;
  readonly options: KVClientOptions;
}

/** What Node's own `fetch` speaks: its undici allows HTTP/2 from 8 on, which is in Node 26. */
export const FETCH_VERSION: string = Number.parseInt(process.versions["undici"]!, 10) < 8 ? "1.1" : "2.0";

const MAIN: ReadonlySet<string> = new Set([
  "HTTP/1.1 over its own connections",
  "HTTP/2 over its own connections",
  "Node's fetch",
]);

/** The usual ones, or each combination of transport and version. */
export type Ways = "main" | "all";

/** The ways that the driver's requests travel: each transport with each version of HTTP. */
export function waysOfTravel(which: Ways = "all"): Way[] {
  const agent = new Agent();
  afterAll(() => agent.close());
  const overAgent = ((url: string, init: object) => undiciFetch(url, { ...init, dispatcher: agent })) as typeof fetch;
  const ways = [
    { name: "HTTP/1.1 over its own connections", version: "1.1", options: {} },
    { name: "HTTP/2 over its own connections", version: "2.0", options: { allowH2: true } },
    { name: "HTTP/2 over a dispatcher", version: "2.0", options: { dispatcher: agent } },
    { name: "Node's fetch", version: FETCH_VERSION, options: { fetch } },
    { name: "HTTP/2 over fetch", version: "2.0", options: { fetch: overAgent } },
  ];
  return which === "all" ? ways : ways.filter(({ name }) => MAIN.has(name));
}
