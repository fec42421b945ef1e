import type { KV } from "@kvplug/core";
import type { KVEntry, KVListKey, KVNamespace } from "@kvplug/core/seam";
import { openKV, type EmbeddedKV } from "@kvplug/server";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lostInBulkReads, openMiniflare } from "./miniflare.ts";
import { clear, listAll } from "./namespace.ts";
import { startRest } from "./rest.ts";
import { anySteps, MOMENTS, type Step } from "./steps.ts";

/** What a read found, in a form that can be compared. */
type Outcome = unknown;

async function take(
  kv: KVNamespace & Partial<Pick<KV | EmbeddedKV, "putMany" | "deleteMany">>,
  step: Step,
): Promise<Outcome> {
  switch (step.do) {
    case "put":
      return kv.put(step.key, step.value, step.options);
    case "putMany":
      if (kv.putMany !== undefined) {
        return void (await kv.putMany(
          step.pairs.map(({ key, value, options }) => Object.assign({ key, value }, options)),
        ));
      }
      for (const { key, value, options } of step.pairs) await kv.put(key, value, options);
      return undefined;
    case "delete":
      return kv.delete(step.key);
    case "deleteMany":
      if (kv.deleteMany !== undefined) return void (await kv.deleteMany(step.keys));
      for (const key of step.keys) await kv.delete(key);
      return undefined;
    case "get":
      return kv.get(step.key, step.type as "text");
    case "getWithMetadata": {
      const { value, metadata } = await kv.getWithMetadata(step.key, step.type as "text");
      return { value, metadata };
    }
    case "get(keys)":
      return withoutLost(await kv.get(step.keys, step.type as "text"));
    case "getWithMetadata(keys)":
      return withoutLost(await kv.getWithMetadata(step.keys, step.type as "text")).map(([key, entry]) => [
        key,
        inMap(entry),
      ]);
    case "list": {
      const options = { prefix: step.prefix, limit: step.limit };
      return { first: (await kv.list(options)).keys.map(listed), all: (await listAll(kv, options)).map(listed) };
    }
  }
}

// In Miniflare's map, what does not exist is `null`, and so is an entry whose value is the JSON `null`.
function inMap(entry: KVEntry<unknown> | null): unknown {
  return entry === null || entry.value === null ? null : { value: entry.value, metadata: entry.metadata };
}

// Nor does its map hold every key, or keep the order of all.
function withoutLost<Value>(found: Map<string, Value>): [string, Value][] {
  return [...found].filter(([key]) => !lostInBulkReads(key));
}

/** The moment where one was given; what a TTL leads to may differ by a second. */
function listed({ name, expiration, metadata }: KVListKey): unknown {
  return {
    name,
    metadata,
    expiration: expiration === undefined || MOMENTS.includes(expiration) ? expiration : "of a TTL",
  };
}

/** Takes all steps in an empty namespace; a step that is refused leaves nothing but that. */
async function outcomes(kv: KVNamespace, steps: readonly Step[]): Promise<Outcome[]> {
  await clear(kv);
  const all: Outcome[] = [];
  for (const step of steps) all.push(await take(kv, step).catch(() => "refused"));
  const state: Outcome[] = [];
  for (const key of await listAll(kv)) state.push([listed(key), await kv.get(key.name, "arrayBuffer")]);
  return [...all, state];
}

/** The test that so many random sequences of operations find and leave the same in each store. */
export function testSameState(runs: number): void {
  let stores: { name: string; kv: KVNamespace; close(): Promise<void> }[];
  beforeAll(async () => {
    const [rest, embedded, miniflare] = [await startRest(), openKV(), await openMiniflare()];
    stores = [
      { name: "the REST driver", kv: rest.kv, close: rest.close },
      { name: "openKV", kv: embedded, close: () => embedded.close() },
      { name: "Miniflare", ...miniflare },
    ];
  });
  afterAll(() => Promise.all(stores.map(({ close }) => close())));

  test(`${runs} random sequences of operations find and leave the same everywhere`, async () => {
    const property = fc.asyncProperty(anySteps, async (steps) => {
      const [rest, embedded, miniflare] = await Promise.all(stores.map(({ kv }) => outcomes(kv, steps)));
      expect(rest).toEqual(embedded);
      expect(embedded).toEqual(miniflare);
    });
    await fc.assert(property, { numRuns: runs });
  });
}
