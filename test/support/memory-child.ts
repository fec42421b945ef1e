/**
 * Runs through ever more keys, and prints by how many bytes the memory of this process grew at most with
 * each number: `memory-child.ts BASE_URL {"keys":[COUNT,…],…}`, with `--expose-gc`.
 *
 * @module
 */
import { createKV, type KV, type KVPair } from "@kvplug/core";

declare const gc: () => void;

/** How often the memory is looked at in a run. */
const LOOKS = 3;

/** What lives: objects, texts and buffers. (`external` also holds the memory of undici's parser, which comes and goes.) */
function used(): number {
  gc();
  gc(); // buffers whose owners went with the first
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const before = used();

/** The most that is in use during a run, beyond what was before any of them. */
async function growth(count: number, run: (look: (i: number) => void) => Promise<number>): Promise<number> {
  let most = 0;
  const every = Math.floor(count / LOOKS);
  const seen = await run((i) => {
    if (i % every === every - 1) most = Math.max(most, used() - before);
  });
  if (seen !== count) throw new Error(`${seen} keys came, and not ${count}.`);
  return most;
}

async function countOf(items: AsyncIterable<unknown>, look: (i: number) => void): Promise<number> {
  let count = 0;
  for await (const _ of items) look(count++);
  return count;
}

const RUNS: Record<string, (kv: KV, count: number) => Promise<number>> = {
  keys: (kv, count) => growth(count, (look) => countOf(kv.keys(), look)),
  entries: (kv, count) => growth(count, (look) => countOf(kv.entries(), look)),
  putMany: (kv, count) =>
    growth(count, async (look) => {
      async function* pairs(): AsyncGenerator<KVPair> {
        for (let i = 0; i < count; look(i++)) yield { key: `key/${i}`, value: `value of ${i}`, metadata: i };
      }
      // A signal is nothing that is kept for each key.
      await kv.putMany(pairs(), { signal: new AbortController().signal });
      return count;
    }),
  deleteMany: (kv, count) =>
    growth(count, async (look) => {
      async function* keys(): AsyncGenerator<string> {
        for (let i = 0; i < count; look(i++)) yield `key/${i}`;
      }
      await kv.deleteMany(keys(), { signal: new AbortController().signal });
      return count;
    }),
};

const [baseURL, counts] = process.argv.slice(2);
const grown: Record<string, number[]> = {};
for (const [name, numbers] of Object.entries(JSON.parse(counts!) as Record<string, number[]>)) {
  grown[name] = [];
  for (const count of numbers) {
    // Node 22 runs this file as it is, and knows no `await using`.
    const kv = createKV({
      // The pace remembers names for some seconds, however many come.
      writeInterval: 0,
      baseURL: baseURL!,
      accountId: "a",
      apiToken: "any",
      namespaceId: String(count),
    });
    grown[name].push(await RUNS[name]!(kv, count));
    await kv.close();
  }
}
process.stdout.write(JSON.stringify(grown));
