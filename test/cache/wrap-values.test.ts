import { describe, expect, test } from "vitest";
import { useCachedRest } from "../support/cached-rest.ts";
import { allOf, errorOf } from "../support/errors.ts";

const circle: Record<string, unknown> = { "secret name": 1 };
circle["itself"] = circle;

const rest = useCachedRest();

describe("a value of wrap that JSON cannot hold", () => {
  test.for([
    ["a BigInt", 12_345n],
    ["a BigInt within", { deep: [12_345n] }],
    ["a circle", circle],
    [
      "what throws when it is serialised",
      {
        toJSON: () => {
          throw new Error("secret name");
        },
      },
    ],
  ] as const)("%s is told with the key, to all who wait, and nothing is stored", async ([, value]) => {
    const errors = await Promise.all([1, 2, 3].map(() => errorOf(rest.kv.wrap("a", () => value))));
    for (const error of errors) {
      expect(error).toMatchObject({ name: "KVError", code: "KV_INVALID", key: "a" });
      expect(error.message).toBe(
        'The value that wrap\'s function returned for "a" cannot be serialised as JSON: it contains a BigInt or a cycle, or its toJSON threw.',
      );
      expect(error.cause).toBeInstanceOf(Error);
      expect(allOf(error)).not.toContain("12345");
    }
    expect(await rest.stored("a")).toBeNull();
    // Nor is the failure kept.
    expect(await rest.kv.wrap("a", () => 1)).toBe(1);
  });

  test("is counted where it is made in the background", async () => {
    await rest.kv.wrap<unknown>("a", () => 1, { ttl: 10_000 });
    expect(await rest.kv.wrap<unknown>("a", () => 1n, { ttl: 10_000, refreshThreshold: 10_000 })).toBe(1);
    await rest.kv.close();
    expect(rest.kv.stats().errors).toBe(1);
  });
});

test("a value whose ttl is beyond what KV keeps lasts as long as KV keeps it", async () => {
  expect(await rest.kv.wrap("a", () => 1, { ttl: Number.MAX_SAFE_INTEGER })).toBe(1);
  expect(await rest.kv.wrap("a", () => 2)).toBe(1);
  expect(await rest.stored("a")).toBe("1");
});
