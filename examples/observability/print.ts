import type { ResourceMetrics } from "@opentelemetry/sdk-metrics";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";

/** Prints a line for each span. */
export function printSpans(spans: readonly ReadableSpan[]): void {
  for (const { name, attributes, duration } of spans) {
    const told = attributes as Record<string, string | number | undefined>;
    const milliseconds = duration[0] * 1e3 + duration[1] / 1e6;
    const columns = [
      name.padEnd(17),
      `${told["http.response.status_code"] ?? "-"}`.padEnd(5),
      `${told["kvplug.keys"] ?? 0} keys`.padEnd(10),
      `${milliseconds.toFixed(1)} ms`.padStart(8),
      told["error.type"] === undefined ? "" : `  ${told["error.type"]}`,
      told["http.request.resend_count"] === undefined ? "" : "  sent again",
    ];
    console.log(`  ${columns.join("")}`);
  }
}

/** Prints a line for each counter. */
export function printCounters(collected: readonly ResourceMetrics[]): void {
  for (const { descriptor, dataPoints } of collected.at(-1)?.scopeMetrics.flatMap(({ metrics }) => metrics) ?? []) {
    for (const { value } of dataPoints) console.log(`  ${descriptor.name.padEnd(25)}${value as number}`);
  }
}
