import { lines } from "./chart.ts";
import type { Growth } from "./growth-results.ts";

/** The charts of the growth: the name of the file to its SVG. */
export function growthCharts({ driver, cache, server }: Growth): Record<string, string> {
  return {
    "growth-of-requests": lines(
      "Requests for reads in one tick, by the number of keys",
      "keys",
      "requests",
      driver.flatMap(({ keys, requests }) => [
        { x: keys, y: requests, name: "@kvplug/core" },
        { x: keys, y: keys, name: "one request each" },
      ]),
    ),
    "growth-of-cost-per-key": lines(
      "CPU for each key read in one tick, by the number of keys",
      "keys",
      "µs of CPU for each",
      driver.map(({ keys, cpu }) => ({ x: keys, y: (cpu / keys) * 1000, name: "@kvplug/core" })),
    ),
    "growth-of-memory": lines(
      "Memory by the number of keys",
      "keys",
      "MB",
      [
        ...driver.map(({ keys, peak }) => ({ x: keys, y: peak / 1e6, name: "process that reads all in one tick" })),
        ...cache.map(({ keys, kept }) => ({ x: keys, y: kept / 1e6, name: "kept in the cache" })),
      ].filter(({ y }) => y > 0),
    ),
    "growth-of-the-server": lines(
      "How soon the local server answers, by the keys in a namespace",
      "keys in the namespace",
      "ms",
      server.flatMap(({ keys, get, bulkGet, list, bulkPut }) => [
        { x: keys, y: get, name: "get" },
        { x: keys, y: bulkGet, name: "bulk get of 100" },
        { x: keys, y: list, name: "page of the list" },
        ...(bulkPut === undefined ? [] : [{ x: keys, y: bulkPut, name: "bulk put of 10,000" }]),
      ]),
    ),
  };
}
