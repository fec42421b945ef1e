import type { CachedKV } from "@kvplug/cache";
import { describe, expect, test } from "vitest";
import { useCachedRest } from "../support/cached-rest.ts";
import { errorOf } from "../support/errors.ts";
import { eventually } from "../support/eventually.ts";
import { manyTurns } from "../support/turns.ts";

const MINUTE = 60_000;

/** A factory that counts, and makes its number. */
function counting(): { factory: () => Promise<{ n: number }>; readonly made: number } {
  let made = 0;
  return {
    factory: async () => ({ n: ++made }),
    get made() {
      return made;
    },
  };
}

describe.for(["wrap", "getOrSet"] as const)("%s", (name) => {
  const rest = useCachedRest();
  const wrap = <Value>(kv: CachedKV, ...rest: Parameters<typeof kv.wrap<Value>>): Promise<Value> => kv[name](...rest);

  test("what is there is read, and what is not is made and stored", async () => {
    await rest.elsewhere("there", '{"n":0}');
    const numbers = counting();
    expect(await wrap(rest.kv, "there", numbers.factory)).toEqual({ n: 0 });
    expect(await wrap(rest.kv, "a", numbers.factory)).toEqual({ n: 1 });
    expect(await wrap(rest.kv, "a", numbers.factory)).toEqual({ n: 1 });
    expect(await rest.stored("a")).toBe('{"n":1}');
    expect(await rest.kv.get("a", "json")).toEqual({ n: 1 });
    // Elsewhere it is found as well.
    expect(await wrap(rest.open(), "a", numbers.factory)).toEqual({ n: 1 });
    expect(numbers.made).toBe(1);
  });

  test("of a thousand who ask at once, the factory runs for one, and each gets a value of its own", async () => {
    const numbers = counting();
    const values = await Promise.all(Array.from({ length: 1000 }, () => wrap(rest.kv, "a", numbers.factory)));
    expect(numbers.made).toBe(1);
    expect(values).toEqual(Array.from({ length: 1000 }, () => ({ n: 1 })));
    values[0]!.n = 7;
    expect(values[1]).toEqual({ n: 1 });
    expect(await wrap(rest.kv, "a", numbers.factory)).toEqual({ n: 1 });
    // One read, and one write.
    expect(rest.server.requests.total).toBe(2);
  });

  test("a factory that throws rejects for all who wait, and nothing is stored", async () => {
    for (const factory of [
      async () => Promise.reject(new Error("no database")),
      () => {
        throw new Error("no database");
      },
    ]) {
      let runs = 0;
      const failing = (): Promise<unknown> => {
        runs++;
        return factory();
      };
      const outcomes = await Promise.all(Array.from({ length: 100 }, () => errorOf(wrap(rest.kv, "a", failing))));
      expect(new Set(outcomes.map(({ message }) => message))).toEqual(new Set(["no database"]));
      expect(runs).toBe(1);
      expect(await rest.stored("a")).toBeNull();
    }
    // Nor is the failure kept.
    expect(await wrap(rest.kv, "a", () => 1)).toBe(1);
  });

  test("what cannot be JSON rejects for all, and nothing is stored", async () => {
    await expect(wrap(rest.kv, "a", () => 1n)).rejects.toThrow("BigInt");
    expect(await rest.stored("a")).toBeNull();
  });

  test("undefined is handed out and not stored, null is stored", async () => {
    let made = 0;
    const nothing = (): undefined => void made++;
    expect(await wrap(rest.kv, "a", nothing)).toBeUndefined();
    expect(await wrap(rest.kv, "a", nothing)).toBeUndefined();
    expect(made).toBe(2);
    expect(await rest.stored("a")).toBeNull();

    const none = (): null => {
      made++;
      return null;
    };
    expect(await wrap(rest.kv, "a", none)).toBeNull();
    expect(await wrap(rest.kv, "a", none)).toBeNull();
    expect(made).toBe(3);
    expect(await rest.stored("a")).toBe("null");
  });

  test("each caller gets the value as JSON brings it back, the first one as well", async () => {
    const make = (): unknown => ({ at: new Date(0), none: undefined });
    for (let i = 0; i < 2; i++) expect(await wrap(rest.kv, "a", make)).toEqual({ at: "1970-01-01T00:00:00.000Z" });
  });

  test("what is not JSON is told, and not overwritten", async () => {
    await rest.elsewhere("a", "no JSON");
    expect(await errorOf(wrap(rest.kv, "a", () => 1))).toMatchObject({ code: "KV_VALUE", key: "a" });
    expect(await rest.stored("a")).toBe("no JSON");
  });
});

describe("the ttl of wrap", () => {
  const rest = useCachedRest();

  test("is kept to the millisecond, also below the 60 s of KV, in each process", async () => {
    const numbers = counting();
    const other = rest.open();
    const read = async (kv: CachedKV): Promise<number> => (await kv.wrap("a", numbers.factory, { ttl: 1500 })).n;
    expect(await read(rest.kv)).toBe(1);
    expect(await read(other)).toBe(1);
    rest.advance(1499);
    expect([await read(rest.kv), await read(other)]).toEqual([1, 1]);
    rest.advance(1);
    expect(await read(rest.kv)).toBe(2);
    expect(await read(rest.open())).toBe(2);
    expect((await rest.store.list()).keys).toMatchObject([{ expiration: Math.floor(Date.now() / 1000) + 60 }]);
  });

  test("is that of the cache by default", async () => {
    const numbers = counting();
    const kv = rest.open({ ttl: 2 * MINUTE });
    await kv.wrap("a", numbers.factory);
    rest.advance(2 * MINUTE - 1);
    expect(await kv.wrap("a", numbers.factory)).toEqual({ n: 1 });
    rest.advance(1);
    expect(await kv.wrap("a", numbers.factory)).toEqual({ n: 2 });
  });

  test("may be longer than that: the backend is asked, and the factory is not", async () => {
    const numbers = counting();
    await rest.kv.wrap("a", numbers.factory, { ttl: 60 * MINUTE });
    rest.advance(59 * MINUTE);
    expect(await rest.kv.wrap("a", numbers.factory)).toEqual({ n: 1 });
    rest.advance(MINUTE);
    expect(await rest.kv.wrap("a", numbers.factory)).toEqual({ n: 2 });
  });

  test("does not concern what another hand put there", async () => {
    await rest.elsewhere("a", "1", { metadata: { by: "hand" } });
    await rest.elsewhere("b", "2");
    rest.advance(60 * MINUTE);
    expect(await rest.kv.wrap("a", () => 0, { ttl: 1 })).toBe(1);
    expect(await rest.kv.wrap("b", () => 0, { ttl: 1 })).toBe(2);
  });
});

describe("values of wrap that are about to end", () => {
  const rest = useCachedRest();

  test("within refreshThreshold a new one is made in the background, once", async () => {
    const numbers = counting();
    const options = { ttl: 10_000, refreshThreshold: 4000 };
    await rest.kv.wrap("a", numbers.factory, options);
    rest.advance(5999);
    expect(await rest.kv.wrap("a", numbers.factory, options)).toEqual({ n: 1 });
    expect(numbers.made).toBe(1);
    rest.advance(1);
    rest.wire.hold();
    const values = await Promise.all(Array.from({ length: 50 }, () => rest.kv.wrap("a", numbers.factory, options)));
    // Those who come while it is stored find it already.
    expect(new Set(values.map(({ n }) => n))).toEqual(new Set([1]));
    expect(numbers.made).toBe(2);
    rest.wire.release();
    await eventually(async () => expect(await rest.stored("a")).toBe('{"n":2}'));
    expect(await rest.kv.wrap("a", numbers.factory, options)).toEqual({ n: 2 });
    expect(rest.kv.stats().stale).toBe(0);
  });

  test("a refresh that fails is counted, and what is there goes on until its end", async () => {
    const options = { ttl: 10_000, refreshThreshold: 10_000 };
    await rest.kv.wrap("a", () => 1, options);
    const failing = async (): Promise<number> => Promise.reject(new Error("no database"));
    const values = await Promise.all(Array.from({ length: 5 }, () => rest.kv.wrap("a", failing, options)));
    expect(values).toEqual([1, 1, 1, 1, 1]);
    await eventually(() => expect(rest.kv.stats().errors).toBe(1));
    rest.advance(10_000);
    await expect(rest.kv.wrap("a", failing, options)).rejects.toThrow("no database");
  });

  test("within staleWhileRevalidate, too", async () => {
    const kv = rest.open({ staleWhileRevalidate: 5000 });
    const numbers = counting();
    await kv.wrap("a", numbers.factory, { ttl: 10_000 });
    rest.advance(14_999);
    expect(await kv.wrap("a", numbers.factory, { ttl: 10_000 })).toEqual({ n: 1 });
    await eventually(async () => expect(await rest.stored("a")).toBe('{"n":2}'));
    expect(kv.stats().stale).toBe(1);
    rest.advance(15_000);
    const other = rest.open({ staleWhileRevalidate: 5000 });
    expect(await other.wrap("a", numbers.factory, { ttl: 10_000 })).toEqual({ n: 3 });
  });

  test("within staleIfError what was there is handed out where the factory throws, to all who wait", async () => {
    const kv = rest.open({ staleIfError: 10 * MINUTE });
    await kv.wrap("a", () => ({ n: 1 }), { ttl: 10_000 });
    rest.advance(10_000);
    const failing = async (): Promise<{ n: number }> => Promise.reject(new Error("no database"));
    const values = await Promise.all([kv.wrap("a", failing), kv.wrap("a", failing)]);
    expect(values).toEqual([{ n: 1 }, { n: 1 }]);
    values[0].n = 2;
    // The key lives long enough for it, elsewhere as well.
    rest.advance(10 * MINUTE - 1);
    expect(await kv.wrap("a", failing)).toEqual({ n: 1 });
    expect(await rest.open({ staleIfError: 10 * MINUTE }).wrap("a", failing)).toEqual({ n: 1 });
    rest.advance(1);
    await expect(kv.wrap("a", failing)).rejects.toThrow("no database");
  });
});

describe("wrap where the backend is out of order", () => {
  const rest = useCachedRest();

  test("the factory's value is handed out all the same, made once for all who wait", async () => {
    const numbers = counting();
    rest.fail();
    const values = await Promise.all(Array.from({ length: 20 }, () => rest.kv.wrap("a", numbers.factory)));
    expect(values).toEqual(Array.from({ length: 20 }, () => ({ n: 1 })));
    expect(numbers.made).toBe(1);
    // What failed: the read, of which each was told, and the write.
    expect(rest.kv.stats().errors).toBe(21);
  });

  test("a stale copy does as long as it is good", async () => {
    const kv = rest.open({ ttl: 1000, staleIfError: 10 * MINUTE });
    const numbers = counting();
    await kv.wrap("a", numbers.factory, { ttl: MINUTE });
    rest.advance(30_000);
    rest.fail();
    expect(await kv.wrap("a", numbers.factory)).toEqual({ n: 1 });
    rest.advance(30_000);
    expect(await kv.wrap("a", numbers.factory)).toEqual({ n: 2 });
  });

  test("what is wrong with the call or the credentials is told", async () => {
    const numbers = counting();
    expect(await errorOf(rest.kv.wrap("", numbers.factory))).toMatchObject({ code: "KV_LIMIT" });
    rest.wire.instead = () =>
      Response.json({ success: false, errors: [{ code: 10_000, message: "no" }] }, { status: 403 });
    expect(await errorOf(rest.kv.wrap("a", numbers.factory))).toMatchObject({ code: "KV_AUTH" });
    expect(numbers.made).toBe(0);
  });
});

describe("a caller of wrap", () => {
  const rest = useCachedRest();

  test("who leaves leaves alone: what is made is stored", async () => {
    const { promise, resolve } = Promise.withResolvers<number>();
    const controller = new AbortController();
    const first = errorOf(rest.kv.wrap("a", () => promise, { signal: controller.signal }));
    const late = errorOf(rest.kv.wrap("a", () => promise, { deadline: 50 }));
    const other = rest.kv.wrap("a", () => promise);
    await manyTurns();
    rest.advance(50);
    expect(await late).toMatchObject({ code: "KV_TIMEOUT", key: "a" });
    controller.abort(new Error("no longer wanted"));
    expect((await first).message).toBe("no longer wanted");
    resolve(7);
    expect(await other).toBe(7);
    expect(await rest.stored("a")).toBe("7");
  });

  test("who leaves before it is known whether a value is there has none made", async () => {
    const numbers = counting();
    rest.wire.hold();
    const late = errorOf(rest.kv.wrap("a", numbers.factory, { deadline: 20 }));
    await rest.sent(1);
    rest.advance(20);
    expect(await late).toMatchObject({ code: "KV_TIMEOUT" });
    expect(numbers.made).toBe(0);
    const controller = new AbortController();
    const outcome = errorOf(rest.kv.wrap("a", numbers.factory, { signal: controller.signal }));
    controller.abort(new Error("no longer wanted"));
    expect((await outcome).message).toBe("no longer wanted");
    rest.wire.release();
    await rest.kv.get("a");
    expect(numbers.made).toBe(0);
    expect(rest.kv.stats().errors).toBe(0);
  });
});

describe("bad input of wrap", () => {
  const rest = useCachedRest();

  test.for([
    ["no factory", [undefined], "wrap needs a function that computes the value, not undefined"],
    ["a value", [{ n: 1 }], "wrap needs a function"],
    ["a ttl of 0", [() => 1, { ttl: 0 }], "ttl must be a whole number of milliseconds, 1 or more, not 0."],
    ["a ttl of NaN", [() => 1, { ttl: Number.NaN }], "ttl must be a whole number"],
    ["a negative refreshThreshold", [() => 1, { refreshThreshold: -1 }], "refreshThreshold must be a whole number"],
    [
      "an option that does not exist",
      [() => 1, { expirationTtl: 60 }],
      'wrap has no option "expirationTtl". It has: ttl',
    ],
  ] as [name: string, args: unknown[], message: string][])("%s", async ([, args, message]) => {
    const error = await errorOf((rest.kv.wrap as any)("a", ...args));
    expect(error).toMatchObject({ code: "KV_INVALID" });
    expect(error.message).toContain(message);
    expect(rest.server.requests.total).toBe(0);
  });
});
