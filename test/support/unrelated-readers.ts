import { createKV } from "@kvplug/core";
import { VirtualTime } from "./virtual-time.ts";

/** How long an answer takes. */
export const LATENCY = 50;

/** Cloudflare's own budget. */
export const LIMIT = 1200;
const WINDOW = 300_000;

/** What the readers met. */
export interface Outcome {
  /** How long each read took, in order of length. */
  waits: number[];
  /** When each request was sent. */
  sent: number[];
  refused: number;
  errors: unknown[];
}

/** Readers who know nothing of each other: arrivals are random (Poisson), for so many minutes of virtual time. */
export async function readAtRandom(perSecond: number, minutes: number): Promise<Outcome> {
  using time = new VirtualTime();
  const outcome: Outcome = { waits: [], sent: [], refused: 0, errors: [] };
  const kv = createKV({ accountId: "a", apiToken: "t", namespaceId: "n", fetch: countingApi(time, outcome) });
  const random = seeded(perSecond);
  let count = 0;
  const read = (): void => {
    const asked = time.now;
    kv.get(`key-${count++}`).then(
      () => outcome.waits.push(time.now - asked),
      (error: unknown) => outcome.errors.push(error),
    );
    const next = asked - (Math.log(1 - random()) / perSecond) * 1000;
    if (next < minutes * 60_000) time.at(next, read);
  };
  time.at(0, read);
  await time.run();
  outcome.waits.sort((a, b) => a - b);
  return outcome;
}

/** An API that answers each key with itself, after the latency, or with 429 beyond the budget. */
function countingApi(time: VirtualTime, outcome: Outcome): typeof fetch {
  const { sent } = outcome;
  let oldest = 0;
  const answer = async (body: string): Promise<Response> => {
    while (sent[oldest]! <= time.now - WINDOW) oldest++;
    sent.push(time.now);
    const refuse = sent.length - oldest > LIMIT;
    await new Promise<void>((resolve) => time.at(time.now + LATENCY, resolve));
    if (!refuse) return new Response(body);
    outcome.refused++;
    return new Response("{}", { status: 429, headers: { "retry-after": "300" } });
  };
  return (async (url: string, { body }: { body?: string } = {}) => {
    if (body === undefined) return answer(url.slice(url.lastIndexOf("/") + 1));
    const { keys } = JSON.parse(body) as { keys: string[] };
    return answer(
      JSON.stringify({ success: true, result: { values: Object.fromEntries(keys.map((key) => [key, key])) } }),
    );
  }) as typeof fetch;
}

/** mulberry32: the same arrivals in each run. */
function seeded(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The value below which this share of them lies. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.floor(sorted.length * share)]!;
}

/** The most requests in any stretch of the budget's window. */
export function mostInAnyWindow(sent: readonly number[]): number {
  let most = 0;
  for (let first = 0, last = 0; last < sent.length; last++) {
    while (sent[first]! <= sent[last]! - WINDOW) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}
