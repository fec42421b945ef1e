import { withCache } from "@kvplug/cache";
import { openKV } from "@kvplug/server";
import { movableClock, standingClock } from "../support/clock.ts";
import { openGateway } from "../support/gateway.ts";
import { lostInBulkReads, openMiniflare } from "../support/miniflare.ts";
import { overRoutes } from "../support/over-routes.ts";
import { startProxied } from "../support/proxy.ts";
import { startRest } from "../support/rest.ts";
import type { Extent, OpenedSeam, Quirks } from "./seam.ts";

/** What implements the seam, and how it differs. */
export interface Implementation {
  open(): Promise<OpenedSeam>;
  quirks?: Quirks;
  /** How much of the suite it passes in `pnpm test`, if any; all of it in `pnpm test:full`. */
  extent?: Extent;
}

/** What stores, or asks a server that does. */
export const STORES: Record<string, Implementation> = {
  "the REST driver": {
    extent: "full",
    async open() {
      const { now, advance } = movableClock();
      const { kv, close } = await startRest({ now });
      return { kv, now, advance, close };
    },
  },
  "the REST driver over fetch": {
    extent: "core",
    async open() {
      const { now, advance } = movableClock();
      const { kv, close } = await startRest({ now }, { fetch });
      return { kv, now, advance, close };
    },
  },
  openKV: {
    extent: "full",
    async open() {
      const { now, advance } = movableClock();
      const kv = openKV({ now });
      return { kv, now, advance, close: () => kv.close() };
    },
  },
  Miniflare: {
    // In the short form it meets every edge behind the gateway, below, and an example of each alone.
    extent: "core",
    open: openMiniflare,
    quirks: {
      clockStands: true,
      bulkReadsLose: lostInBulkReads,
      // What is missing in a bulk read is `null`, with metadata or without.
      nullForMissingEntries: true,
      refusesNoKeys: true,
      // Its decoder takes the mark off.
      bulkReadsDropByteOrderMark: true,
      // It compares the prefix with SQLite's substr(), for which a text ends at a NUL.
      prefixEndsAtNul: true,
      // Arguments are converted as Web IDL does: numbers to integers, text to well-formed text, and members
      // that are unknown to nothing.
      roundsNumbers: true,
      replacesLoneSurrogates: true,
      ignoresUnknownOptions: true,
    },
  },
};

/** What is left of the binding's quirks behind what checks arguments and asks anew. */
const BEHIND = { clockStands: true, prefixEndsAtNul: true } as const;

export const GATEWAYS: Record<string, Implementation> = {
  "the REST driver over a gateway in Cloudflare's runtime": { extent: "whole", open: openGateway, quirks: BEHIND },
};

/** The routes over a binding as it is, which a store of one's own may be. */
export const ROUTES: Record<string, Implementation> = {
  "the REST driver over the routes over Miniflare": {
    extent: "core",
    async open() {
      const { kv: binding } = await openMiniflare();
      const kv = overRoutes(binding);
      return { kv, close: () => kv.close() };
    },
    quirks: BEHIND,
  },
};

export const PROXIES: Record<string, Implementation> = {
  "the REST driver over a proxy": {
    extent: "core",
    async open() {
      const { now, advance } = movableClock();
      const proxied = await startProxied({ server: { now } });
      return { kv: proxied.kv, now, advance, close: () => proxied[Symbol.asyncDispose]() };
    },
  },
  "the REST driver over a proxy with a cache": {
    extent: "core",
    async open() {
      const { now, advance, stop } = standingClock();
      const proxied = await startProxied({ server: { now }, proxy: { cache: { max: 1000 } } });
      return { kv: proxied.kv, advance, close: () => proxied[Symbol.asyncDispose]().finally(stop) };
    },
  },
};

/** Caches over these. */
export const CACHES: Record<string, Implementation> = {
  "a cache over the REST driver": {
    extent: "core",
    async open() {
      const { now, advance, stop } = standingClock();
      const { kv, close } = await startRest({ now });
      return { kv: withCache(kv, { max: 1000, deadline: Infinity }), advance, close: () => close().finally(stop) };
    },
  },
  // In the full form only: the short form has one cache, with tags and without.
  "a cache over a cache over the REST driver": {
    async open() {
      const { now, advance, stop } = standingClock();
      const { kv, close } = await startRest({ now });
      const inner = withCache(kv, { maxBytes: 2 ** 20, deadline: Infinity });
      return {
        kv: withCache(inner, { max: 10, deadline: Infinity, tags: true }),
        advance,
        close: () => close().finally(stop),
      };
    },
  },
  "a cache over Miniflare": {
    extent: "core",
    async open() {
      const { kv, close } = await openMiniflare();
      return { kv: withCache(kv, { max: 1000, deadline: Infinity, tags: true }), close };
    },
    quirks: BEHIND,
  },
  // Its own suite runs over a gateway as well, in `test/gateway/suites`.
  "a cache over a gateway": {
    async open() {
      const { kv, close } = await openGateway();
      return { kv: withCache(kv, { max: 1000, deadline: Infinity }), close };
    },
    quirks: BEHIND,
  },
};
