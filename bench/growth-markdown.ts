import { count, ratio, table } from "./format.ts";
import type { Growth } from "./growth-results.ts";

/** The growth as people read it. */
export function growthMarkdown({ conditions, driver, cache, server }: Growth): string {
  const versions = `${conditions.machine}, Node ${conditions.node}`;
  return `${[
    `Measured by \`${conditions.command}\` on ${conditions.date}: ${versions}. Values of 100 bytes.`,
    "### Reads in one tick",
    table(
      ["keys", "requests", "CPU a key", "keys a second", "peak memory of the process"],
      driver.map(({ keys, requests, cpu, elapsed, peak }) => [
        count(keys),
        count(requests),
        `${ratio((cpu / keys) * 1000)} µs`,
        count((keys / elapsed) * 1000),
        `${count(peak / 1e6)} MB`,
      ]),
    ),
    "### Memory of the cache",
    table(
      ["entries", "heap", "an entry"],
      cache.map(({ keys, kept }) => [count(keys), `${ratio(kept / 1e6)} MB`, `${count(kept / keys)} B`]),
    ),
    "### The local server, by the keys in a namespace",
    table(
      ["keys", "get", "bulk get of 100", "page of the list", "bulk put of 10,000"],
      server.map(({ keys, get, bulkGet, list, bulkPut }) => [
        count(keys),
        ...[get, bulkGet, list, bulkPut].map((time) => (time === undefined ? "–" : `${ratio(time)} ms`)),
      ]),
    ),
  ].join("\n\n")}\n`;
}
