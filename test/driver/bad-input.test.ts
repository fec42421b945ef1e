import type { KV, KVPair } from "@kvplug/core";
import { describe, expect, test } from "vitest";
import { streamOf } from "../support/bytes.ts";
import { useStandingClock } from "../support/clock.ts";
import { errorOf } from "../support/errors.ts";
import { listAll } from "../support/namespace.ts";
import { expectRefusal, type Expected } from "../support/refusal.ts";
import { useRest } from "../support/rest.ts";

const MIB = 1024 * 1024;

describe("bad keys, values and put options are refused before anything is sent", () => {
  const rest = useRest();
  const refused = (call: () => Promise<unknown>, expected: Expected): Promise<void> =>
    expectRefusal(rest.server, call, expected);

  describe("keys", () => {
    const KEYS: [name: string, key: unknown, expected: Expected][] = [
      ["empty", "", { code: "KV_LIMIT", says: [1, "empty"], limit: 1, actual: 0, key: "" }],
      [".", ".", { code: "KV_INVALID", says: ['"."'], key: "." }],
      ["..", "..", { code: "KV_INVALID", says: ['".."'], key: ".." }],
      ["513 bytes", "x".repeat(513), { code: "KV_LIMIT", says: [512, 513, '"xxx'], limit: 512, actual: 513 }],
      ["513 bytes of UTF-8", `x${"é".repeat(256)}`, { code: "KV_LIMIT", says: [512, 513], limit: 512, actual: 513 }],
      ["a lone surrogate", "a\ud800", { code: "KV_INVALID", says: ['"a\\ud800"', "surrogate"], key: "a\ud800" }],
      ["a number", 42, { code: "KV_INVALID", says: ["string", 42] }],
      ["null", null, { code: "KV_INVALID", says: ["string", "null"] }],
      ["nothing", undefined, { code: "KV_INVALID", says: ["string"] }],
      ["an object", { key: "a" }, { code: "KV_INVALID", says: ["string"] }],
    ];
    const CALLS: Record<string, (kv: KV, key: string) => Promise<unknown>> = {
      get: (kv, key) => kv.get(key),
      "get(keys)": (kv, key) => kv.get(["fine", key]),
      getWithMetadata: (kv, key) => kv.getWithMetadata(key),
      getMetadata: (kv, key) => kv.getMetadata(key),
      put: (kv, key) => kv.put(key, "1"),
      delete: (kv, key) => kv.delete(key),
      putMany: (kv, key) =>
        kv.putMany([
          { key: "fine", value: "1" },
          { key, value: "1" },
        ]),
      deleteMany: (kv, key) => kv.deleteMany(["fine", key]),
    };
    for (const [callName, call] of Object.entries(CALLS)) {
      test.for(KEYS)(`${callName}: %s`, ([, key, expected]) => refused(() => call(rest.kv, key as string), expected));
    }

    test("a text where many keys belong", async () => {
      await refused(() => rest.kv.deleteMany("abc"), { code: "KV_INVALID", says: ["deleteMany", "array"] });
      await refused(() => rest.kv.putMany("abc" as unknown as KVPair[]), { code: "KV_INVALID", says: [] });
    });
  });

  describe("values", () => {
    const tooLarge: Expected = {
      code: "KV_LIMIT",
      says: ["25 MiB", 25 * MIB, 25 * MIB + 1, '"a"'],
      limit: 25 * MIB,
      actual: 25 * MIB + 1,
      key: "a",
    };

    test("25 MiB and a byte", async () => {
      const bytes = new Uint8Array(25 * MIB + 1);
      await refused(() => rest.kv.put("a", bytes), tooLarge);
      await refused(() => rest.kv.put("a", bytes.buffer, { metadata: 1 }), tooLarge);
      await refused(() => rest.kv.put("a", "x".repeat(25 * MIB + 1)), tooLarge);
      await refused(
        () =>
          rest.kv.putMany([
            { key: "fine", value: "1" },
            { key: "a", value: bytes },
          ]),
        tooLarge,
      );
    });

    test("25 MiB of text in UTF-8, not in UTF-16", async () => {
      const text = "é".repeat((25 * MIB) / 2);
      await refused(() => rest.kv.put("a", `${text}x`), tooLarge);
    });

    test("a lone surrogate", async () => {
      const expected: Expected = { code: "KV_INVALID", says: ['"a"', "surrogate"], key: "a" };
      await refused(() => rest.kv.put("a", "\udc00"), expected);
      await refused(() => rest.kv.putMany([{ key: "a", value: "\udc00" }]), expected);
    });

    test.for([undefined, null, 42, true, { a: 1 }, ["a"], new Date()])("%s", async (given) => {
      const expected: Expected = { code: "KV_INVALID", says: ['"a"', "JSON.stringify"], key: "a" };
      const value = given as unknown as string;
      await refused(() => rest.kv.put("a", value), expected);
      await refused(() => rest.kv.putMany([{ key: "a", value }]), expected);
    });

    test("a number is named as one, and not told: it is the value", async () => {
      const { message } = await errorOf(rest.kv.put("a", 4242 as unknown as string));
      expect(message).toContain('The value of "a"');
      expect(message).toContain("not a number");
      expect(message).not.toContain("4242");
    });

    test("a stream that somebody else reads", async () => {
      const stream = streamOf(Uint8Array.of(1));
      stream.getReader();
      await refused(() => rest.kv.put("a", stream), { code: "KV_INVALID", says: ['"a"', "locked"], key: "a" });
    });

    test("a stream in a bulk write", async () => {
      const pair = { key: "a", value: streamOf(Uint8Array.of(1)) } as unknown as KVPair;
      await refused(() => rest.kv.putMany([pair]), { code: "KV_INVALID", says: ['"a"', "stream"], key: "a" });
    });
  });

  describe("streams are refused on the way, and nothing is half written", () => {
    const nothingIsThere = async (): Promise<void> => expect(await listAll(rest.server.kv("test"))).toEqual([]);

    test("25 MiB and a byte", async () => {
      const chunks = function* (): Generator<Uint8Array> {
        for (let i = 0; i < 25; i++) yield new Uint8Array(MIB);
        yield Uint8Array.of(1);
      };
      for (const options of [{}, { metadata: 1 }]) {
        const error = await errorOf(rest.kv.put("a", ReadableStream.from(chunks()), options));
        expect(error).toMatchObject({ code: "KV_LIMIT", key: "a", limit: 25 * MIB, actual: 25 * MIB + 1 });
      }
      await nothingIsThere();
    });

    test("chunks that are no bytes", async () => {
      const error = await errorOf(rest.kv.put("a", ReadableStream.from(["text"])));
      expect(error).toMatchObject({ code: "KV_INVALID", key: "a" });
      await nothingIsThere();
    });

    test("a stream that fails: its error is passed on as it is", async () => {
      const thrown = new Error("of the caller");
      const chunks = async function* (): AsyncGenerator<Uint8Array> {
        yield new Uint8Array(1000);
        throw thrown;
      };
      for (const options of [{}, { metadata: 1 }]) {
        await expect(rest.kv.put("a", ReadableStream.from(chunks()), options)).rejects.toBe(thrown);
      }
      await nothingIsThere();
    });
  });

  describe("options of put", () => {
    const seconds = Math.floor(Date.now() / 1000);
    useStandingClock(seconds * 1000);
    const OPTIONS: [name: string, options: object, expected: Expected][] = [
      [
        "a TTL of 59",
        { expirationTtl: 59 },
        { code: "KV_LIMIT", says: ["expirationTtl", 60, 59, '"a"'], limit: 60, actual: 59 },
      ],
      ["a TTL of 0", { expirationTtl: 0 }, { code: "KV_LIMIT", says: ["expirationTtl", 60, 0], limit: 60, actual: 0 }],
      ["a negative TTL", { expirationTtl: -60 }, { code: "KV_LIMIT", says: [60, -60, '"a"'], limit: 60, actual: -60 }],
      ["a TTL of NaN", { expirationTtl: Number.NaN }, { code: "KV_INVALID", says: ["expirationTtl", "NaN", '"a"'] }],
      [
        "an endless TTL",
        { expirationTtl: Infinity },
        { code: "KV_INVALID", says: ["expirationTtl", "Infinity", '"a"'] },
      ],
      ["a fractional TTL", { expirationTtl: 60.5 }, { code: "KV_INVALID", says: ["expirationTtl", 60.5, '"a"'] }],
      ["a TTL of text", { expirationTtl: "3600" }, { code: "KV_INVALID", says: ["expirationTtl", "string", '"a"'] }],
      ["a Date as TTL", { expirationTtl: new Date() }, { code: "KV_INVALID", says: ["expirationTtl", "Date", '"a"'] }],
      [
        "an expiration in the past",
        { expiration: seconds - 10 },
        { code: "KV_LIMIT", says: ["expiration", 60, seconds - 10, "in the past", '"a"'] },
      ],
      [
        "an expiration too soon",
        { expiration: seconds + 30 },
        { code: "KV_LIMIT", says: [60, seconds + 30, "ahead", '"a"'] },
      ],
      [
        "an expiration in milliseconds",
        { expiration: Date.now() + 3_600_000 },
        { code: "KV_LIMIT", says: ["expiration", "milliseconds", '"a"'] },
      ],
      [
        "a fractional expiration",
        { expiration: seconds + 600.5 },
        { code: "KV_INVALID", says: ["expiration", seconds + 600.5] },
      ],
      [
        "a Date as expiration",
        { expiration: new Date() },
        { code: "KV_INVALID", says: ["expiration", "Date", '"a"', "getTime"] },
      ],
      [
        "metadata of 1,025 bytes",
        { metadata: "x".repeat(1023) },
        { code: "KV_LIMIT", says: [1024, 1025, '"a"'], limit: 1024, actual: 1025 },
      ],
      [
        "metadata of 1,025 bytes in UTF-8",
        { metadata: `x${"é".repeat(511)}` },
        { code: "KV_LIMIT", says: [1024, 1025] },
      ],
      ["metadata that is no JSON", { metadata: () => 1 }, { code: "KV_INVALID", says: ["metadata", '"a"', "JSON"] }],
      ["metadata of a bigint", { metadata: 1n }, { code: "KV_INVALID", says: ["metadata", '"a"', "JSON"] }],
      ["an option that does not exist", { ttl: 60 }, { code: "KV_INVALID", says: ['"ttl"', "expirationTtl"] }],
    ];
    test.for(OPTIONS)("%s", async ([, options, expected]) => {
      await refused(() => rest.kv.put("a", "1", options), expected);
      await refused(
        () =>
          rest.kv.putMany([
            { key: "fine", value: "1" },
            { key: "a", value: "1", ...options },
          ]),
        expected,
      );
    });
  });
});
