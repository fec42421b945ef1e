/**
 * The driver under OpenTelemetry: a span for each of its requests, a counter for each of its
 * figures. The other side is a server on this machine that fails a third of all requests.
 *
 * A program of yours keeps `trace-requests.ts` and `count-stats.ts`, and exports to its collector
 * in place of memory: `BatchSpanProcessor`, and the exporters of `@opentelemetry/exporter-*`.
 *
 * @module
 */
import { createKV } from "@kvplug/core";
import { startServer } from "@kvplug/server";
import { metrics, trace } from "@opentelemetry/api";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { countStats } from "./count-stats.ts";
import { printCounters, printSpans } from "./print.ts";
import { traceRequests } from "./trace-requests.ts";

const spans = new InMemorySpanExporter();
trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] }));

const counters = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const meterProvider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter: counters })] });
metrics.setGlobalMeterProvider(meterProvider);

await using server = await startServer({ faults: { errors: 1 / 3 }, seed: 4 });
const { id, title } = server.namespaces[0]!;
const kv = createKV({ baseURL: server.url, accountId: server.account, namespaceId: id, apiToken: "any" });

const stopTracing = traceRequests();
countStats(kv, title);

const keys = Array.from({ length: 250 }, (_, i) => `user:${i}`);
await Promise.all(keys.map((key) => kv.put(key, `the value of ${key}`, { metadata: { seen: 1 } })));
await Promise.all(keys.map((key) => kv.get(key)));
await kv.getWithMetadata("user:7");
await kv.get("nobody");
await kv.clear();
await kv.close();

stopTracing();
await meterProvider.shutdown();

console.log("\nSpans\n");
printSpans(spans.getFinishedSpans());
console.log("\nCounters\n");
printCounters(counters.getMetrics());
console.log(`\nThe server counted ${server.requests.total} requests.`);
