/**
 * Makes calls one after another, and prints how many bytes of each V8's quick collector left to the slow one, by method:
 * `garbage-child.ts '{"baseURL":…}'`, with `--expose-gc`. Nothing of them is in use any more.
 *
 * @module
 */
import { getHeapSpaceStatistics } from "node:v8";
import { createKV } from "@kvplug/core";

declare const gc: (options?: { type: "minor" }) => void;

/** Until the compilers are through. */
const WARM_UP = 2000;
const ROUNDS = 6;
const CALLS = 100;

function oldSpace(): number {
  const old = getHeapSpaceStatistics().filter(({ space_name: name }) => name.startsWith("old_"));
  return old.reduce((bytes, { space_used_size: used }) => bytes + used, 0);
}

// The pace would remember each key for a second.
const kv = createKV({ writeInterval: 0, ...JSON.parse(process.argv[2]!) });
const METHODS: Record<string, () => Promise<unknown>> = {
  get: () => kv.get("key", "arrayBuffer"),
  getWithMetadata: () => kv.getWithMetadata("key"),
  list: () => kv.list(),
  put: () => kv.put("key", "value"),
  delete: () => kv.delete("other"),
};

async function makeCalls(call: () => Promise<unknown>, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await call();
}

async function leftOf(call: () => Promise<unknown>): Promise<number> {
  await makeCalls(call, WARM_UP);
  gc();
  const before = oldSpace();
  for (let round = 0; round < ROUNDS; round++) {
    await makeCalls(call, CALLS);
    gc({ type: "minor" });
  }
  return (oldSpace() - before) / (ROUNDS * CALLS);
}

const left: Record<string, number> = {};
for (const [name, call] of Object.entries(METHODS)) left[name] = await leftOf(call);
process.stdout.write(JSON.stringify(left));
await kv.close();
