import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { RequestCounts } from "@kvplug/server";

/** What undici publishes for each request that it sends, and Node's own `fetch` is undici as well. */
const CHANNEL = "undici:request:create";

const ROUTE = /\/storage\/kv\/namespaces\/[^/?]+(\/(?:values|metadata)(?=\/)|\/[^?]*)?/;

/** Counts the requests about a namespace that this process sends to an API, where what answers them does not count. */
export class SentRequests implements RequestCounts {
  total = 0;
  byRoute: Record<string, number> = {};
  #origin = "";

  /** Begins with the requests to this base URL. */
  listen(url: string): void {
    this.#origin = new URL(url).origin;
    subscribe(CHANNEL, this.#count);
  }

  stop(): void {
    unsubscribe(CHANNEL, this.#count);
  }

  reset(): void {
    this.total = 0;
    this.byRoute = {};
  }

  readonly #count = (message: unknown): void => {
    const { request } = message as { request: { origin: string; path: string; method: string } };
    const [, below] = ROUTE.exec(request.path) ?? [];
    // What Miniflare asks for itself has other paths.
    if (request.origin !== this.#origin || below === undefined) return;
    const keyed = below === "/values" || below === "/metadata";
    const route = `${request.method} /:namespace${below}${keyed ? "/:key" : ""}`;
    this.total++;
    this.byRoute[route] = (this.byRoute[route] ?? 0) + 1;
  };
}
