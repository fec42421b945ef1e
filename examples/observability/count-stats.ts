import type { KV, KVStats } from "@kvplug/core";
import { metrics } from "@opentelemetry/api";

/** Makes a counter of every figure of `kv.stats()`, read whenever the metrics are collected. */
export function countStats(kv: KV, namespace: string): void {
  const meter = metrics.getMeter("kvplug");
  const names = Object.keys(kv.stats()) as (keyof KVStats)[];
  const counters = names.map((name) => ({ name, counter: meter.createObservableCounter(`kvplug.${snakeCase(name)}`) }));
  meter.addBatchObservableCallback(
    (result) => {
      const stats = kv.stats();
      for (const { name, counter } of counters) result.observe(counter, stats[name], { "kvplug.namespace": namespace });
    },
    counters.map(({ counter }) => counter),
  );
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
