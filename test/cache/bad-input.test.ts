import { withCache, type CacheBound, type CacheOptions } from "@kvplug/cache";
import { isKVError } from "@kvplug/core";
import type { KVNamespace } from "@kvplug/core/seam";
import { openKV } from "@kvplug/server";
import { afterAll, describe, expect, test } from "vitest";
import { openMiniflare } from "../support/miniflare.ts";

const kv = openKV();
afterAll(() => kv.close());

function refusalOf(call: () => unknown): Error {
  try {
    call();
  } catch (error) {
    expect(error).toSatisfy(isKVError);
    expect(error).toMatchObject({ code: "KV_INVALID" });
    return error as Error;
  }
  throw new Error("The call should have failed.");
}

const open = (options: unknown) => (): unknown => withCache(kv, options as CacheOptions & CacheBound);

describe("a cache without a bound", () => {
  test.for([
    ["no options", undefined],
    ["null", null],
    ["none of them a bound", { ttl: 1000 }],
    ["bounds that are undefined", { max: undefined, maxBytes: undefined }],
  ])("%s", ([, options]) => {
    expect(refusalOf(open(options)).message).toBe(
      "A cache needs a bound: pass { max: 10_000 } (entries), { maxBytes: 64 * 1024 * 1024 }, or both.",
    );
  });
});

describe("numbers that cannot be", () => {
  const LEAST: [option: string, least: number, unit: string][] = [
    ["max", 1, "entries"],
    ["maxBytes", 1, "bytes"],
    ["ttl", 1, "milliseconds"],
    ["negativeTtl", 0, "milliseconds"],
    ["staleWhileRevalidate", 0, "milliseconds"],
    ["staleIfError", 0, "milliseconds"],
    ["fetchTimeout", 1, "milliseconds"],
    ["maxValueBytes", 1, "bytes"],
  ];

  test.for(LEAST)("%s", ([option, least, unit]) => {
    for (const [value, said] of [
      [least - 1, String(least - 1)],
      [-1, "-1"],
      [1.5, "1.5"],
      [Number.NaN, "NaN"],
      [Number.POSITIVE_INFINITY, "Infinity"],
      ["60", "a string"],
      [true, "a boolean"],
    ] as const) {
      expect(refusalOf(open({ max: 10, [option]: value })).message).toBe(
        `${option} must be a whole number of ${unit}, ${least} or more, not ${said}.`,
      );
    }
    expect(open({ max: 10, staleIfError: 1, [option]: Math.max(least, 1) })).not.toThrow();
    if (least === 0) expect(open({ max: 10, [option]: 0 })).not.toThrow();
  });

  test.for([
    ["failures", 0, "failures in a row"],
    ["cooldown", 0, "milliseconds"],
  ] as const)("circuit.%s, whether or not there is a staleIfError", ([option, value, unit]) => {
    for (const staleIfError of [0, 1000]) {
      expect(refusalOf(open({ max: 10, staleIfError, circuit: { [option]: value } })).message).toBe(
        `circuit.${option} must be a whole number of ${unit}, 1 or more, not 0.`,
      );
    }
  });
});

describe("options of the wrong kind", () => {
  test("one that does not exist", () => {
    const { message } = refusalOf(open({ max: 10, maxAge: 60 }));
    expect(message).toContain('withCache has no option "maxAge". It has: max, maxBytes, ttl, negativeTtl, stale');
    expect(refusalOf(open({ max: 10, staleIfError: 1, circuit: { retries: 1 } })).message).toContain(
      'circuit has no option "retries". It has: failures, cooldown.',
    );
  });

  test("options that are none", () => {
    expect(refusalOf(open(10)).message).toBe("The options of withCache must be an object, not 10.");
    expect(refusalOf(open({ max: 10, circuit: true })).message).toBe(
      "The options of circuit must be an object, not a boolean.",
    );
  });

  test("options that would do nothing without another one", () => {
    for (const [option, value] of [
      ["fetchTimeout", 100],
      ["circuit", { failures: 3 }],
    ] as const) {
      expect(refusalOf(open({ max: 10, [option]: value })).message).toBe(
        `${option} needs staleIfError, which is 0: pass { staleIfError: 3_600_000 } as well, or no ${option}.`,
      );
    }
    expect(open({ max: 10, circuit: false })).not.toThrow();
  });

  test("a bus that is none", () => {
    expect(refusalOf(open({ max: 10, bus: { publish: () => {} } })).message).toBe(
      "bus must have the methods publish and subscribe, not an object (Object).",
    );
    expect(refusalOf(open({ max: 10, bus: null })).message).toContain("not null.");
  });
});

describe("a backend that is no KVNamespace", () => {
  test.for([
    ["undefined", undefined, "undefined has no method get."],
    ["null", null, "null has no method get."],
    ["a text", "id", "a string has no method get."],
    ["a Map", new Map(), "an object (Map) has no method getWithMetadata."],
    ["an environment", { KV: kv }, "an object (Object) has no method get."],
  ] as const)("%s", ([, backend, said]) => {
    const call = (): unknown => withCache(backend as unknown as KVNamespace, { max: 10 });
    expect(refusalOf(call).message).toBe(
      `withCache needs a KVNamespace, such as createKV() or a Worker's env.KV; ${said}`,
    );
  });
});

test("a Worker's binding is one, and a cache over it is closed without it", async () => {
  const { kv: binding, close } = await openMiniflare();
  const cached = withCache(binding, { max: 10 });
  await cached.put("a", "1", { metadata: 1 });
  await cached.close();
  expect(await binding.get("a")).toBe("1");
  await close();
});
