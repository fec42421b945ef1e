/** The other process: it prints a key whenever that changed, though its copy would last for a minute. */
import { setTimeout } from "node:timers/promises";
import { openCache } from "./open-cache.ts";

const { kv, redis } = await openCache(process.argv[2]!);
let last: string | null | undefined;
let reads = 0;
while (last !== "bye") {
  const value = await kv.get("greeting");
  reads++;
  if (value !== last) console.log(value);
  last = value;
  await setTimeout(5);
}
const { misses } = kv.stats();
console.log(`${misses} of ${reads} reads had to ask`);
await kv.close();
await redis.close();
