import * as fc from "fast-check";
import { openKV } from "@kvplug/server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectError, resultOf, startApi } from "./api.ts";
import type { Api } from "./api.ts";

const NOW_SECONDS = 1_800_000_000;
const YEAR_5138 = 100_000_000_000;
const now = (): number => NOW_SECONDS * 1000;

let api: Api;
beforeAll(async () => {
  api = await startApi({ now });
});
afterAll(() => api.server.close());

/** Numbers as they stand in a query or in JSON: those at the edges, and any other. */
const numbers = fc.oneof(
  fc.constantFrom(
    59,
    60,
    YEAR_5138 - NOW_SECONDS,
    YEAR_5138 - NOW_SECONDS + 1,
    YEAR_5138,
    YEAR_5138 + 1,
    2 ** 31,
    2 ** 53 - 1,
  ),
  fc.constantFrom(2 ** 53, 2 ** 63, 8.64e12, 8.64e15, 1e21, 1e308, -1, 0, 60.5),
  fc.maxSafeInteger(),
  fc.integer({ min: NOW_SECONDS, max: NOW_SECONDS + 1_000_000 }),
  fc.double(),
);

test("an expiration that is taken comes out again by every route; what cannot is refused", async () => {
  await using kv = openKV({ now });
  await fc.assert(
    fc.asyncProperty(numbers, fc.boolean(), fc.boolean(), async (number, isTtl, inBulk) => {
      const name = isTtl ? "expiration_ttl" : "expiration";
      const written = inBulk
        ? await api.ask("PUT", "/bulk", `[{"key":"k","value":"v","${name}":${number}}]`)
        : await api.ask("PUT", `/values/k?${name}=${number}`, "v");
      const embedded = kv.put("k", "v", isTtl ? { expirationTtl: number } : { expiration: number });
      if (written.status !== 200) {
        expect(written.status).toBe(400);
        await expect(embedded).rejects.toMatchObject({ code: expect.stringMatching(/^KV_(LIMIT|INVALID)$/) });
      } else {
        await embedded;
        const expiration = isTtl ? NOW_SECONDS + number : number;
        expect((await api.ask("GET", "/values/k")).headers.get("expiration")).toBe(String(expiration));
        expect(resultOf(await api.ask("GET", "/metadata/k"))).toBeNull();
        const { values } = resultOf(await api.ask("POST", "/bulk/get", { keys: ["k"], withMetadata: true }));
        expect(values).toEqual({ k: { value: "v", metadata: null, expiration } });
        expect(resultOf(await api.ask("GET", "/keys"))).toEqual([{ name: "k", expiration }]);
        expect(await kv.getWithMetadata("k")).toMatchObject({ value: "v", expiration });
        expect((await kv.list()).keys).toEqual([{ name: "k", expiration }]);
        // What tells it as a date can.
        expect(new Date(expiration * 1000).toISOString()).toMatch(/^\d{4}-/);
      }
      await api.ask("DELETE", "/values/k");
      await kv.delete("k");
    }),
    { numRuns: 200 },
  );
});

test("an expiration that is too far away is refused with the limit", async () => {
  const most = YEAR_5138 - NOW_SECONDS;
  expectError(
    await api.ask("PUT", `/values/k?expiration_ttl=${most + 1}`, "v"),
    400,
    10012,
    `expiration_ttl must be at most ${most} seconds, until the year 5138; that of "k" is ${most + 1}: ` +
      "leave it out if the key should never expire.",
  );
  expectError(await api.ask("PUT", `/values/k?expiration=${YEAR_5138 + 1}`, "v"), 400, 10012, /100000000001, which/);
});

test("metadata with a number that JSON cannot carry is refused, and not stored as null", async () => {
  const refused = /metadata of "k" contains -?Infinity, which JSON cannot represent/;
  const form = new FormData();
  form.set("value", "v");
  form.set("metadata", '{"a":[1,-1e400]}');
  expectError(await api.ask("PUT", "/values/k", form), 400, 10028, refused);
  expectError(await api.ask("PUT", "/bulk", '[{"key":"k","value":"","metadata":1e400}]'), 400, 10028, refused);
  await using kv = openKV();
  for (const metadata of [Number.NaN, { a: [Infinity] }]) {
    await expect(kv.put("k", "v", { metadata })).rejects.toMatchObject({ code: "KV_INVALID", key: "k" });
  }
  await kv.put("k", "v", { metadata: { a: null, b: "null" } });
  expect((await kv.getWithMetadata("k")).metadata).toEqual({ a: null, b: "null" });
});

test("a page that no number can tell is refused", async () => {
  for (const page of ["9".repeat(400), "9007199254740992", "0"]) {
    expectError(await api.ask("GET", `?page=${page}`), 400, 10007, /from 1 to 9007199254740991/);
  }
  expect((await api.ask("GET", "?page=9007199254740991")).body.result_info.page).toBe(9_007_199_254_740_991);
});
