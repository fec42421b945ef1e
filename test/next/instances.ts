import { onTestFinished } from "vitest";
import { KVResponses } from "../../packages/next/src/kv-responses.ts";
import { KVResults } from "../../packages/next/src/kv-results.ts";
import type { ResponseValue, ResultEntry } from "../../packages/next/src/next-contract.ts";
import { NextKV } from "../../packages/next/src/next-kv.ts";
import type { NextKVOptions } from "../../packages/next/src/options.ts";

/** What an instance of an app has: the handlers as Next calls them. */
export interface Instance {
  /** That of one request. */
  readonly responses: KVResponses;
  /** That of another one. */
  request(): KVResponses;
  readonly results: KVResults;
}

/** Opens one, for the rest of the test. A slow machine is no outage, unless a test says so. */
export function openInstance(options: NextKVOptions, build = "build-1"): Instance {
  const kv = new NextKV({ deadline: 60_000, ...options }, () => {});
  onTestFinished(() => kv.close());
  const request = (): KVResponses => new KVResponses(kv, build);
  return { responses: request(), request, results: new KVResults(kv) };
}

/** A page of the App Router, as Next hands it over. */
export function page(html: string, ...tags: string[]): ResponseValue {
  return {
    kind: "APP_PAGE",
    html,
    rscData: Buffer.from(`0:${html}`),
    headers: { "x-next-cache-tags": tags.join(",") },
    postponed: undefined,
    status: 200,
    segmentData: new Map([["/_tree", Buffer.from("tree")]]),
  };
}

/** The data of a `fetch`. */
export function data(body: string, revalidate = 3600): ResponseValue {
  return { kind: "FETCH", data: { headers: {}, body, status: 200, url: "" }, revalidate };
}

/** What a function with `use cache` returned. */
export function result(text: string, times: Partial<ResultEntry> = {}): Promise<ResultEntry> {
  return Promise.resolve({
    value: new Response(text).body!,
    tags: [],
    stale: 30,
    timestamp: Date.now(),
    expire: 3600,
    revalidate: 900,
    ...times,
  });
}

export async function textOf(entry: ResultEntry | undefined): Promise<string | undefined> {
  return entry && new Response(entry.value).text();
}
