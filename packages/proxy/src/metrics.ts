import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { ProxyStats } from "./stats.ts";

/** Figures of the stats that are counts, with what they count. */
const UPSTREAM_COUNTS: Readonly<Record<string, readonly [name: string, help: string]>> = {
  requests: ["kvplug_upstream_requests_total", "Requests sent upstream, each attempt counted."],
  readKeys: ["kvplug_upstream_read_keys_total", "Keys that callers asked to read, past the cache."],
  writtenKeys: ["kvplug_upstream_written_keys_total", "Keys that callers asked to write or delete."],
  sharedReads: ["kvplug_upstream_shared_reads_total", "Reads answered by the request of another, or from a write."],
  batches: ["kvplug_upstream_batches_total", "Bulk requests sent upstream."],
  retries: ["kvplug_upstream_retries_total", "Attempts after the first one, and keys that a bulk write sent again."],
  rateLimited: ["kvplug_upstream_rate_limited_total", "Answers of upstream with status 429."],
  waits: ["kvplug_upstream_waits_total", "How often something waited for the budget or for a key's pace."],
};

const CACHE_COUNTS: Readonly<Record<string, readonly [name: string, help: string]>> = {
  hits: ["kvplug_cache_hits_total", "Reads of a key that a copy answered."],
  misses: ["kvplug_cache_misses_total", "Reads of a key that had to ask upstream."],
  stale: ["kvplug_cache_stale_total", "Reads of a key that a copy past its time answered."],
  evictions: ["kvplug_cache_evictions_total", "Copies that had to go for others."],
};

/** From a tenth of a millisecond to the longest patience. */
const DURATION_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60, 300];

/** The metrics for Prometheus: by route and status, never by namespace, key or token. */
export class Metrics {
  readonly #registry: Registry = new Registry();
  readonly #durations: Histogram<"route" | "status">;

  /** @param stats What is counted elsewhere, and looked up when it is asked for. */
  constructor(stats: () => ProxyStats) {
    this.#durations = new Histogram({
      name: "kvplug_proxy_request_duration_seconds",
      help: "How long requests took to answer, by route and status.",
      labelNames: ["route", "status"],
      buckets: DURATION_BUCKETS,
      registers: [this.#registry],
    });
    const gauge = (name: string, help: string, look: () => number | undefined): void => {
      const collect = (): void => one.set(look() ?? 0);
      const one = new Gauge({ name, help, registers: [], collect });
      this.#registry.registerMetric(one);
    };
    const count = ([name, help]: readonly [string, string], look: () => number | undefined): void => {
      const collect = (): void => {
        one.reset();
        one.inc(look() ?? 0);
      };
      const one = new Counter({ name, help, registers: [], collect });
      this.#registry.registerMetric(one);
    };
    gauge("kvplug_proxy_running_requests", "Requests that are being answered.", () => stats().running);
    gauge(
      "kvplug_proxy_held_bytes",
      "Bytes of large bodies of requests, and of large answers that are not read yet.",
      () => stats().heldBytes,
    );
    gauge("kvplug_budget_left", "Requests that may still be sent upstream now.", () => stats().budget?.left);
    gauge("kvplug_budget_requests", "Requests that upstream allows in a window.", () => stats().budget?.requests);
    for (const [figure, about] of Object.entries(UPSTREAM_COUNTS))
      count(about, () => stats().upstream[figure as "requests"]);
    for (const [figure, about] of Object.entries(CACHE_COUNTS)) count(about, () => stats().cache?.[figure as "hits"]);
  }

  /** Takes note of an answer. */
  observe(route: string, status: number, seconds: number): void {
    this.#durations.observe({ route, status }, seconds);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
