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

/** The ways that the driver's requests travel: each transport with each version of HTTP. */
export function waysOfTravel(): Way[] {
  const agent = new Agent();
  afterAll(() => agent.close());
  const overAgent = ((url: string, init: object) => undiciFetch(url, { ...init, dispatcher: agent })) as typeof fetch;
  return [
    { name: "HTTP/1.1 over its own connections", version: "1.1", options: {} },
    { name: "HTTP/2 over its own connections", version: "2.0", options: { allowH2: true } },
    { name: "HTTP/2 over a dispatcher", version: "2.0", options: { dispatcher: agent } },
    { name: "HTTP/1.1 over fetch", version: "1.1", options: { fetch } },
    { name: "HTTP/2 over fetch", version: "2.0", options: { fetch: overAgent } },
  ];
}
