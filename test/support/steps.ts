import type { KVPutOptions } from "@kvplug/core/seam";
import * as fc from "fast-check";
import { UNUSUAL_KEYS, UNUSUAL_TEXTS } from "./unusual.ts";
import { codePoint } from "./code-point.ts";

const HOUR = 3600;
const NOW = Math.floor(Date.now() / 1000);
/** Expirations that are given as a moment, which no TTL leads to, so that every store must list exactly them. */
export const MOMENTS: readonly number[] = [NOW + 1000 * HOUR, NOW + 2000 * HOUR];

/** A call, and what it is called with. */
export type Step =
  | { do: "put"; key: string; value: string | Uint8Array; options: KVPutOptions }
  | { do: "putMany"; pairs: { key: string; value: string | Uint8Array; options: KVPutOptions }[] }
  | { do: "delete"; key: string }
  | { do: "deleteMany"; keys: string[] }
  | { do: "get"; key: string; type: "text" | "json" | "arrayBuffer" }
  | { do: "getWithMetadata"; key: string; type: "text" | "json" | "arrayBuffer" }
  | { do: "get(keys)"; keys: string[]; type: "text" | "json" }
  | { do: "getWithMetadata(keys)"; keys: string[]; type: "text" | "json" }
  | { do: "list"; prefix: string; limit: number };

const anyKey = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("a", "b", "a/b", "10", "9", "\uffff", "😀") },
  { weight: 2, arbitrary: fc.constantFrom(...UNUSUAL_KEYS) },
  { weight: 1, arbitrary: fc.string({ unit: codePoint, minLength: 1, maxLength: 4 }) },
);
const anyValue = fc.oneof(
  fc.constantFrom(...UNUSUAL_TEXTS),
  fc.string({ unit: "grapheme", maxLength: 20 }),
  fc.json({ maxDepth: 1 }),
  fc.uint8Array({ maxLength: 20 }),
);
const anyMetadata = fc.oneof(
  fc.constantFrom(undefined, null, "", 0, false, "é".repeat(511), "x".repeat(1023)),
  fc.jsonValue({ maxDepth: 2 }).filter((value) => !JSON.stringify(value).includes("__proto__")),
);
const validOptions = fc.record(
  { metadata: anyMetadata.filter((value) => value !== "x".repeat(1023)), expiration: fc.constantFrom(...MOMENTS) },
  { requiredKeys: [] },
);
const anyOptions: fc.Arbitrary<KVPutOptions> = fc.oneof(
  { weight: 4, arbitrary: validOptions },
  {
    weight: 1,
    arbitrary: fc.record(
      {
        metadata: anyMetadata,
        expiration: fc.constantFrom(...MOMENTS, NOW - HOUR, NOW + 10),
        expirationTtl: fc.constantFrom(60, HOUR, 59, 0, -60, Number.NaN),
      },
      { requiredKeys: [] },
    ),
  },
);
const anyType = fc.constantFrom("text", "json", "arrayBuffer");
const bulkType = fc.constantFrom("text", "json");

/** Steps on few names, so that they meet each other. */
function stepsOn(names: readonly string[]): fc.Arbitrary<Step[]> {
  const key = fc.constantFrom(...names);
  const keyOrNone = fc.oneof(
    { weight: 30, arbitrary: key },
    { weight: 1, arbitrary: fc.constantFrom("", "..", "x".repeat(513)) },
  );
  const keys = fc.array(fc.oneof({ weight: 4, arbitrary: key }, { weight: 1, arbitrary: anyKey }), {
    minLength: 1,
    maxLength: 5,
  });
  // Miniflare finds nothing for a prefix with a NUL.
  const prefix = fc.oneof(fc.constantFrom("", "a", "x"), key).filter((text) => !text.includes("\0"));
  const pair = fc.record({ key, value: anyValue, options: validOptions });
  const kinds: [weight: number, step: fc.Arbitrary<unknown>][] = [
    [8, fc.record({ do: fc.constant("put"), key: keyOrNone, value: anyValue, options: anyOptions })],
    [1, fc.record({ do: fc.constant("putMany"), pairs: fc.array(pair, { maxLength: 4 }) })],
    [2, fc.record({ do: fc.constant("delete"), key: keyOrNone })],
    [1, fc.record({ do: fc.constant("deleteMany"), keys })],
    [3, fc.record({ do: fc.constant("get"), key: keyOrNone, type: anyType })],
    [3, fc.record({ do: fc.constant("getWithMetadata"), key, type: anyType })],
    [2, fc.record({ do: fc.constant("get(keys)"), keys, type: bulkType })],
    [2, fc.record({ do: fc.constant("getWithMetadata(keys)"), keys, type: bulkType })],
    [2, fc.record({ do: fc.constant("list"), prefix, limit: fc.constantFrom(1, 2, 5, 10, 1000) })],
  ];
  const step = fc.oneof(
    ...kinds.map(([weight, arbitrary]) => ({ weight, arbitrary: arbitrary as fc.Arbitrary<Step> })),
  );
  return fc.array(step, { minLength: 1, maxLength: 16, size: "max" });
}

/** Sequences of steps. */
export const anySteps: fc.Arbitrary<Step[]> = fc.array(anyKey, { minLength: 1, maxLength: 4 }).chain(stepsOn);
