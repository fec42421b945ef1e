import { setTimeout } from "node:timers/promises";
import type { CachedKV } from "@kvplug/cache";
import type { KV } from "@kvplug/core";
import type { Request, Response } from "express";

/** What the page has cost since it is served. */
export interface Figures {
  /** Keys that the page asked to read or to write. */
  asked: number;
  /** Those of them that memory answered. */
  hits: number;
  /** Requests that were sent to KV. */
  requests: number;
}

/** The figures, of the driver and of the cache in front of it. */
export function figuresOf(kv: KV, cached: CachedKV<KV>): Figures {
  const { hits, misses, stale } = cached.stats();
  const { requests, writtenKeys } = kv.stats();
  return { asked: hits + misses + stale + writtenKeys, hits: hits + stale, requests };
}

const INTERVAL_MS = 250;

/** Sends the figures as events, now and whenever they have moved, for as long as somebody listens. */
export async function streamFigures(figures: () => Figures, request: Request, response: Response): Promise<void> {
  response.set({ "content-type": "text/event-stream", "cache-control": "no-store" });
  let last = "";
  while (!request.socket.destroyed) {
    const now = JSON.stringify(figures());
    if (now !== last) response.write(`data: ${now}\n\n`);
    last = now;
    await setTimeout(INTERVAL_MS);
  }
}
