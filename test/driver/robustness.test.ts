import { createKV, type KVPair } from "@kvplug/core";
import { describe, expect, test } from "vitest";
import { useVirtualTime } from "../support/clock.ts";
import { errorOf } from "../support/errors.ts";
import { eventually } from "../support/eventually.ts";
import { accountOf, startRest, useRest } from "../support/rest.ts";
import { envelope, refusal, SILENCE, withAnswers } from "../support/scripted-api.ts";
import { manyTurns } from "../support/turns.ts";
import { Wire } from "../support/wire.ts";

describe("a call that is refused leaves nothing behind", () => {
  const rest = useRest();
  const time = useVirtualTime();

  test("neither a timer nor a listener that would reject for nobody", async () => {
    const unhandled: unknown[] = [];
    const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", onUnhandled);
    const controller = new AbortController();
    const wrong = { expirationTtl: 30 };
    for (const options of [{ deadline: 30 }, { signal: controller.signal }]) {
      expect(await errorOf(rest.kv.put("a", "1", { ...wrong, ...options }))).toMatchObject({ code: "KV_LIMIT" });
      expect(await errorOf(rest.kv.putMany([{ key: "a", value: "1", ...wrong }], options))).toMatchObject({
        code: "KV_LIMIT",
      });
      expect(await errorOf(rest.kv.deleteMany("abc", options))).toMatchObject({ code: "KV_INVALID" });
    }
    controller.abort();
    time.advance(60);
    await manyTurns();
    process.off("unhandledRejection", onUnhandled);
    expect(unhandled).toEqual([]);
  });

  test("no place at the gate: a namespace that is named later is found", async () => {
    await using kv = createKV({ ...accountOf(rest.server), batch: { maxInFlight: 2 } });
    for (let i = 0; i < 5; i++) expect(await errorOf(kv.get("a"))).toMatchObject({ code: "KV_CONFIG" });
    process.env["CLOUDFLARE_KV_NAMESPACE_ID"] = rest.server.namespaces[0]!.id;
    try {
      expect(await kv.get("a")).toBeNull();
    } finally {
      delete process.env["CLOUDFLARE_KV_NAMESPACE_ID"];
    }
  });
});

describe("what was called before close() is done", () => {
  test("a source that still yields", async () => {
    const { kv, server, close } = await startRest();
    const { promise: later, resolve: goOn } = Promise.withResolvers<void>();
    const slow = async function* (): AsyncGenerator<KVPair> {
      yield { key: "a", value: "1" };
      await later;
      yield { key: "b", value: "2" };
    };
    const written = kv.putMany(slow());
    const cleared = kv.clear({ prefix: "nothing" });
    const closed = kv.close();
    await manyTurns();
    goOn();
    await closed;
    await written;
    expect(await cleared).toBe(0);
    expect((await server.kv("test").list()).keys.map(({ name }) => name)).toEqual(["a", "b"]);
    await close();
  });

  test("a listing in its midst is refused, not left hanging", async () => {
    const { kv, close } = await startRest();
    await kv.putMany(Array.from({ length: 150 }, (_, i) => ({ key: `key ${i}`, value: "1" })));
    const entries = kv.entries();
    await entries.next();
    await kv.close();
    const rest = async (): Promise<void> => {
      for await (const _ of entries);
    };
    expect(await errorOf(rest())).toMatchObject({ code: "KV_CLOSED" });
    await close();
  });
});

describe("a deadline ends a call, whatever it waits for", () => {
  const time = useVirtualTime();

  test("a stream that never comes, and who waits behind it", async () => {
    const { kv, close } = await startRest({}, { deadline: 400 });
    const never = errorOf(kv.put("a", new ReadableStream()));
    const behind = errorOf(kv.get("a", { deadline: 50 }));
    await eventually(() => expect(kv.stats().requests).toBe(1));
    time.advance(50);
    expect(await behind).toMatchObject({ code: "KV_TIMEOUT" });
    time.advance(350);
    expect(await never).toMatchObject({ code: "KV_TIMEOUT", key: "a" });
    await kv.put("a", "1");
    await close();
  });

  test("a source that never yields", async () => {
    const { kv, close } = await startRest();
    const never: AsyncIterable<KVPair> = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise<IteratorResult<KVPair>>(() => {}) }),
    };
    const outcome = errorOf(kv.putMany(never, { deadline: 50 }));
    time.advance(50);
    expect(await outcome).toMatchObject({ code: "KV_TIMEOUT" });
    await close();
  });

  test("an answer that drips", async () => {
    const drip = { ...envelope([]), drips: true };
    await withAnswers(
      [drip],
      async (kv, api) => {
        const outcome = errorOf(kv.list());
        await eventually(() => expect(api.requests).toBe(1));
        await manyTurns();
        time.advance(150);
        expect(await outcome).toMatchObject({ code: "KV_TIMEOUT" });
      },
      { deadline: 150, retry: { attempts: 2, minDelay: 1 } },
    );
  });

  test("each call's own, whatever the order of the calls", async () => {
    await withAnswers([SILENCE, SILENCE, SILENCE], async (kv, api) => {
      const over: number[] = [];
      const calls = [150, 50, 100].map(async (deadline) => {
        expect(await errorOf(kv.list({ deadline }))).toMatchObject({ code: "KV_TIMEOUT" });
        over.push(deadline);
      });
      await eventually(() => expect(api.requests).toBe(3));
      for (const expected of [[50], [50, 100], [50, 100, 150]]) {
        time.advance(50);
        await manyTurns();
        expect(over).toEqual(expected);
      }
      await Promise.all(calls);
    });
  });

  test("its own, where others of its batch wait longer", async () => {
    const wire = new Wire();
    const { kv, close } = await startRest({}, { deadline: 200, fetch: wire.fetch });
    wire.hold();
    const patient = kv.get("b", { deadline: 10_000 });
    const hasty = errorOf(kv.get("a"));
    await eventually(() => expect(wire.sent.map(({ keys }) => keys)).toEqual([["b", "a"]]));
    time.advance(200);
    expect(await hasty).toMatchObject({ code: "KV_TIMEOUT" });
    time.advance(9_799);
    wire.release();
    expect(await patient).toBeNull();
    await close();
  });
});

describe("answers that are JSON, but not of the API's shape", () => {
  const time = useVirtualTime();

  test.for([
    ["a listing", envelope({}), "list"],
    ["a listing of nothing", envelope(null), "list"],
    ["a bulk read without values", envelope({ values: null }), "get"],
    ["a bulk read of numbers", envelope({ values: { a: 5, b: {} } }), "get"],
  ] as const)("%s is a failure", async ([, answer, call]) => {
    await withAnswers(
      [answer],
      async (kv) => {
        const outcome = call === "list" ? kv.keys().next() : kv.get(["a", "b"]);
        expect(await errorOf(outcome)).toMatchObject({ code: "KV_NETWORK", httpStatus: 200 });
      },
      { retry: false },
    );
  });

  test("a refusal whose errors are none", async () => {
    const odd = { ...refusal(400, 1), body: '{"success":false,"errors":"x"}' };
    await withAnswers([odd], async (kv) => {
      expect(await errorOf(kv.list())).toMatchObject({ code: "KV_API", httpStatus: 400, errors: [] });
    });
  });

  test("a budget beyond all measure", async () => {
    const headers = { "ratelimit-policy": '"default";q=99999999999;w=300', ratelimit: '"default";r=9;t=30' };
    await withAnswers([{ ...envelope([]), headers }], async (kv) => {
      expect((await kv.list()).keys).toEqual([]);
    });
  });

  test("Retry-After: 0 is no invitation", async () => {
    const requests = await withAnswers(
      Array.from({ length: 50 }, () => refusal(429, 971, { "retry-after": "0" })),
      async (kv) => {
        expect(await time.until(errorOf(kv.list()))).toMatchObject({ code: "KV_RATE_LIMIT" });
      },
      { deadline: 1500 },
    );
    expect(requests).toBe(2);
  });
});
