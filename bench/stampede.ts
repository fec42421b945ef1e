import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { CACHES, type CacheName } from "./caches.ts";
import { VALUE } from "./works.ts";

const READERS = 1_000;

/** What became of {@link READERS} reads of one key at once, with nothing in the cache. */
export interface Stampede {
  readonly cache: CacheName;
  readonly readers: number;
  /** How many requests reached the backend. */
  readonly requests: number;
  readonly failed: number;
  /** How many different errors the readers were told. */
  readonly errors: number;
}

/** Lets each cache be stormed, over a backend that answers, or one that refuses. */
export async function stampedes(caches: readonly CacheName[], refuses: boolean): Promise<Stampede[]> {
  let requests = 0;
  const server = createServer((request, response) => {
    requests++;
    const bulk = request.url!.endsWith("/bulk/get");
    const answer = bulk ? envelope({ values: { key: { value: VALUE, metadata: null } } }) : VALUE;
    // A refusal, which no client tries again.
    request.resume().on("end", () => response.writeHead(refuses ? 403 : 200).end(refuses ? envelope(null) : answer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const results: Stampede[] = [];
  for (const cache of caches) {
    requests = 0;
    const stormed = CACHES[cache]({ baseURL, accountId: "bench", namespaceId: "bench" })(undefined);
    const outcomes = await Promise.allSettled(Array.from({ length: READERS }, () => stormed.read("key")));
    const wrong = outcomes.filter((outcome) => outcome.status === "rejected" || outcome.value !== VALUE);
    const told = wrong.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
    results.push({ cache, readers: READERS, requests, failed: told.length, errors: new Set(told).size });
    // One that hands out something else instead tells nobody.
    if (!refuses && wrong.length > 0) throw new Error(`${cache} handed out what is not stored.`);
  }
  server.closeAllConnections();
  server.close();
  return results;
}

function envelope(result: unknown): string {
  return JSON.stringify({ success: result !== null, errors: [], messages: [], result });
}
