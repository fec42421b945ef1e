/**
 * A driver in a process of its own: writes keys, reads them and deletes every other one, then prints what is not as it
 * should be, and its counts: `gateway-child.ts OPTIONS PREFIX COUNT`.
 *
 * @module
 */
import { createKV, type KVOptions } from "@kvplug/core";

const [options, prefix, count] = process.argv.slice(2) as [string, string, string];
const kv = createKV(JSON.parse(options) as KVOptions);
const keys = Array.from({ length: Number(count) }, (_, i) => `${prefix}:${i}`);

await Promise.all(keys.map((key) => kv.put(key, key)));
// All processes write this one as well, one write after the other.
for (let i = 0; i < 3; i++) await kv.put("shared", `${prefix}:${i}`);
const read = await Promise.all(keys.map((key) => kv.get(key)));
await Promise.all(keys.filter((_, i) => i % 2 === 1).map((key) => kv.delete(key)));
await kv.close();
const lost = keys.filter((key, i) => read[i] !== key);
process.stdout.write(JSON.stringify({ lost, stats: kv.stats() }));
