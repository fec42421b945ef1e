import { openKV } from "@kvplug/server";
import * as fc from "fast-check";
import { expect, test } from "vitest";

const WORDS = ["", "a", "\0", "ü\0ß", "\ud83d\ude00".repeat(20), "\ufeffb", "1", "null"];
const anyValue = fc.oneof(fc.constantFrom(...WORDS), fc.uint8Array({ maxLength: 8 }));
/** Few names, so that they come again in one write. */
const anyKey = fc.nat({ max: 90 }).map((number) => `${WORDS[1 + (number % 7)]}${number}`);
const anyPairs = fc.array(
  fc.record({ key: anyKey, value: anyValue, metadata: fc.option(fc.nat(), { nil: undefined }) }),
  {
    maxLength: 170,
    size: "max",
  },
);

test("of many pairs each key has its own value and metadata, those of the last one with its name", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyPairs, { maxLength: 3 }), async (writes) => {
      await using kv = openKV();
      const expected = new Map<string, [value: string, metadata: unknown]>();
      for (const pairs of writes) {
        await kv.putMany(pairs);
        for (const { key, value, metadata } of pairs)
          expected.set(key, [Buffer.from(value as string).toString("hex"), metadata ?? null]);
      }
      for (const [key, pair] of expected) {
        const { value, metadata } = await kv.getWithMetadata(key, "arrayBuffer");
        expect([Buffer.from(value!).toString("hex"), metadata]).toEqual(pair);
      }
      const { keys } = await kv.list();
      expect(keys).toHaveLength(expected.size);
    }),
  );
});
