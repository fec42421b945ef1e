/**
 * What it costs to read a value, by what it is and who reads it: requests, and CPU of the process that reads.
 *
 * `pnpm bench:bytes` takes two minutes or so and writes `bytes.md`.
 */
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { withCache, type CachedKV } from "@kvplug/cache";
import { createKV, type KV } from "@kvplug/core";
import { KVSessions } from "@kvplug/session";
import createDriver from "@kvplug/unstorage";
import type { Address } from "./clients.ts";
import { ratio, table } from "./format.ts";
import { Helper } from "./helper.ts";
import { measure, median } from "./measure.ts";
import { conditions } from "./conditions.ts";
import type { ServerQuestion, ServerSetup } from "./server-process.ts";

const ROUNDS = 5;
const MIB = 1024 * 1024;
const SIZES = { "1 KiB": 1024, "1 MiB": MIB, "25 MiB": 25 * MIB };

const KINDS: Readonly<Record<string, (size: number) => Uint8Array | string>> = {
  "random bytes": (size) => randomBytes(size),
  "control characters": (size) => new Uint8Array(size).fill(7),
  ASCII: (size) => "a".repeat(size),
  JSON: (size) => {
    const item = '{"id":1,"name":"a name","tags":["x","y"]},';
    const json = `{"items":[${item.repeat(Math.floor((size - 40) / item.length))}0]}`;
    return json + " ".repeat(size - json.length);
  },
};

/** Who reads, with nothing of it at hand. */
const READERS: Readonly<Record<string, (kv: KV, key: string) => Promise<unknown>>> = {
  "`get` of bytes": (kv, key) => kv.get(key, "arrayBuffer"),
  "`getWithMetadata` of bytes": (kv, key) => kv.getWithMetadata(key, "arrayBuffer"),
  "`getWithMetadata` of text": (kv, key) => kv.getWithMetadata(key),
  "cache, `get` of bytes": (kv, key) => coldCache(kv).get(key, "arrayBuffer"),
  "cache, `getWithMetadata` of bytes": (kv, key) => coldCache(kv).getWithMetadata(key, "arrayBuffer"),
  "unstorage, `getItemRaw`": (kv, key) => createDriver({ kv, deadline: Infinity }).getItemRaw(key),
  "a session": (kv, key) => {
    const sessions = new KVSessions(kv, { prefix: "" });
    // What is no session is told, and counts as missing.
    sessions.on("error", () => undefined);
    return sessions.get(key);
  },
};

function coldCache(kv: KV): CachedKV {
  return withCache(kv, { maxBytes: 64 * MIB, maxValueBytes: 32 * MIB, deadline: Infinity });
}

await using server = new Helper("server-process.ts", { keys: 0 } satisfies ServerSetup);
const address = await server.ask<Address>("address" satisfies ServerQuestion);
const open = (): KV => createKV({ ...address, apiToken: "bench", writeInterval: 0, rateLimit: false });

await warmUp();
const rows: string[][] = [];
for (const [kind, make] of Object.entries(KINDS)) {
  for (const [size, bytes] of Object.entries(SIZES)) {
    const key = `${kind} of ${size}`;
    await using writer = open();
    await writer.put(key, make(bytes), { metadata: { by: "bench" } });
    const cells = [key];
    for (const read of Object.values(READERS)) cells.push(await cost((kv) => read(kv, key)));
    rows.push(cells);
    console.error(`done: ${key}`);
  }
}

/** Has all that is measured compiled. */
async function warmUp(): Promise<void> {
  await using kv = open();
  const warm = Object.entries(KINDS).map(([kind, make]) => [`warm ${kind}`, make(1024)] as const);
  for (const [key, value] of warm) await kv.put(key, value);
  for (let i = 0; i < 50; i++) {
    for (const [key] of warm) for (const read of Object.values(READERS)) await read(kv, key);
  }
}

/** The requests of a read, and its CPU, as a driver does it that has connections and knows nothing of the value. */
async function cost(read: (kv: KV) => Promise<unknown>): Promise<string> {
  const times: number[] = [];
  let requests = 0;
  for (let round = 0; round < ROUNDS; round++) {
    await using kv = open();
    await Promise.all([kv.get("none"), kv.getMetadata("none"), kv.getMetadata("nobody")]);
    await server.ask("requests" satisfies ServerQuestion);
    const { cpu } = await measure(() => read(kv));
    requests = await server.ask<number>("requests" satisfies ServerQuestion);
    times.push(cpu);
  }
  return `${requests}: ${ratio(median(times))} ms`;
}

const { command, date, machine, node } = conditions("pnpm bench:bytes", ROUNDS);
const text = `Measured by \`${command}\` on ${date}: ${machine}, Node ${node}. Each cell shows the requests, and the CPU time of the reading process.

${table(["", ...Object.keys(READERS)], rows)}
`;
console.log(text);
writeFileSync(join(import.meta.dirname, "bytes.md"), text);
