import { describe, expect, test } from "vitest";
import { useCachedRest } from "../support/cached-rest.ts";
import { errorOf } from "../support/errors.ts";
import { eventually } from "../support/eventually.ts";
import { manyTurns } from "../support/turns.ts";

const SECOND = 1000;
const MINUTE = 60_000;

describe("keys that do not exist", () => {
  const rest = useCachedRest();

  test("for negativeTtl nobody asks again", async () => {
    const kv = rest.open({ negativeTtl: 5 * SECOND });
    expect(await kv.get("a")).toBeNull();
    await rest.elsewhere("a", "1");
    rest.advance(5 * SECOND - 1);
    expect(await kv.get("a")).toBeNull();
    expect(await kv.get(["a"])).toEqual(new Map([["a", null]]));
    expect(await kv.getWithMetadata("a", "arrayBuffer")).toEqual({ value: null, metadata: null, cacheStatus: null });
    expect(await kv.get("a", "stream")).toBeNull();
    expect(rest.server.requests.total).toBe(1);
    rest.advance(1);
    expect(await kv.get("a")).toBe("1");
  });

  test("it is the ttl by default", async () => {
    await rest.kv.get("a");
    await rest.elsewhere("a", "1");
    rest.advance(MINUTE - 1);
    expect(await rest.kv.get("a")).toBeNull();
    rest.advance(1);
    expect(await rest.kv.get("a")).toBe("1");
  });

  test("negativeTtl: 0 asks each time", async () => {
    const kv = rest.open({ negativeTtl: 0 });
    expect(await kv.get("a")).toBeNull();
    expect(kv.stats().entries).toBe(0);
    await rest.elsewhere("a", "1");
    expect(await kv.get("a")).toBe("1");
  });

  test("they are not handed out beyond it, whatever may be stale", async () => {
    const kv = rest.open({ staleWhileRevalidate: MINUTE, staleIfError: MINUTE });
    await kv.get("a");
    await rest.elsewhere("a", "1");
    rest.advance(MINUTE);
    expect(await kv.get("a")).toBe("1");
    await kv.delete("a");
    rest.advance(MINUTE);
    rest.fail();
    await expect(kv.get("a")).rejects.toThrow("500");
  });

  test("a put ends it", async () => {
    await rest.kv.get("a");
    await rest.kv.put("a", "1");
    expect(await rest.kv.get("a")).toBe("1");
  });
});

describe("staleWhileRevalidate", () => {
  const rest = useCachedRest();

  test("a stale copy is handed out at once, while one request fetches a newer one", async () => {
    const kv = rest.open({ staleWhileRevalidate: 10 * SECOND });
    await rest.elsewhere("a", "1");
    await kv.get("a");
    await rest.elsewhere("a", "2");
    rest.advance(MINUTE);
    rest.wire.hold();
    // Nothing comes from the backend now.
    expect(await Promise.all(Array.from({ length: 100 }, () => kv.get("a")))).toEqual(
      Array.from({ length: 100 }, () => "1"),
    );
    rest.wire.release();
    await eventually(async () => expect(await kv.get("a")).toBe("2"));
    expect(rest.server.requests.total).toBe(2);
    expect(kv.stats()).toMatchObject({ misses: 1, coalesced: 0, backendReads: 2, errors: 0 });
    expect(kv.stats().stale).toBeGreaterThanOrEqual(100);
  });

  test("beyond the window it is a miss", async () => {
    const kv = rest.open({ staleWhileRevalidate: 10 * SECOND });
    await rest.elsewhere("a", "1");
    await kv.get("a");
    await rest.elsewhere("a", "2");
    rest.advance(MINUTE + 10 * SECOND);
    expect(await kv.get("a")).toBe("2");
    expect(kv.stats()).toMatchObject({ misses: 2, stale: 0 });
  });

  test("get(keys) refreshes what is stale with as few calls as it asks for what is missing", async () => {
    const kv = rest.open({ staleWhileRevalidate: 10 * SECOND }, { batch: false });
    const keys = Array.from({ length: 150 }, (_, i) => `key ${i}`);
    await Promise.all(keys.map((key) => rest.elsewhere(key, "1")));
    await kv.get(keys);
    await Promise.all(keys.map((key) => rest.elsewhere(key, "2")));
    rest.advance(MINUTE);
    rest.server.requests.reset();
    rest.wire.hold();
    const reading = kv.get([...keys, "nobody"]);
    // Those are under way.
    expect(await kv.get(keys.slice(50))).toEqual(new Map(keys.slice(50).map((key) => [key, "1"])));
    rest.wire.release();
    const found = await reading;
    expect([...found.values()]).toEqual([...keys.map(() => "1"), null]);
    await eventually(() => expect(kv.stats().backendReads).toBe(301));
    await eventually(async () => expect(await kv.get("key 149")).toBe("2"));
    expect(rest.server.requests.total).toBe(2);
    expect(kv.stats()).toMatchObject({ coalesced: 0, errors: 0 });
  });

  test("a refresh that fails is counted, and the copy goes on", async () => {
    const kv = rest.open({ staleWhileRevalidate: 10 * SECOND });
    await rest.elsewhere("a", "1");
    await kv.get("a");
    rest.advance(MINUTE);
    rest.fail();
    expect(await kv.get("a")).toBe("1");
    await eventually(() => expect(kv.stats().errors).toBe(1));
    expect(await kv.get(["a"])).toEqual(new Map([["a", "1"]]));
    await eventually(() => expect(kv.stats().errors).toBe(2));
    rest.recover();
  });

  test("a refresh that began before a write does not replace it", async () => {
    const kv = rest.open({ staleWhileRevalidate: 10 * SECOND });
    await rest.elsewhere("a", "1");
    await kv.get("a");
    rest.advance(MINUTE);
    const { promise, resolve: arrive } = Promise.withResolvers<void>();
    rest.wire.answersWaitFor = promise;
    const { answered } = rest.wire;
    expect(await kv.get("a")).toBe("1");
    await eventually(() => expect(rest.wire.answered).toBe(answered + 1));
    rest.wire.answersWaitFor = undefined;
    await kv.put("a", "2");
    arrive();
    // Another read of the driver ends after it.
    await kv.get("b");
    expect(await kv.get("a")).toBe("2");
  });
});

describe("staleIfError", () => {
  const rest = useCachedRest();
  const options = { staleIfError: 10 * MINUTE, circuit: false } as const;

  test("where the backend fails, a stale copy is handed out, in every form", async () => {
    const kv = rest.open(options);
    await rest.elsewhere("a", '{"n":1}', { metadata: 1 });
    await kv.getWithMetadata("a", "arrayBuffer");
    rest.advance(MINUTE);
    rest.fail();
    expect(await kv.get("a")).toBe('{"n":1}');
    expect(await kv.get("a", "arrayBuffer")).toEqual(new TextEncoder().encode('{"n":1}').buffer);
    expect(await kv.getWithMetadata("a", "json")).toMatchObject({ value: { n: 1 }, metadata: 1 });
    expect(await kv.get(["a"], "json")).toEqual(new Map([["a", { n: 1 }]]));
    expect(kv.stats()).toMatchObject({ stale: 4, misses: 5 });
  });

  test("get(keys) fails where one of them has no copy", async () => {
    const kv = rest.open(options);
    await rest.elsewhere("a", "1");
    await kv.get("a");
    rest.advance(MINUTE);
    rest.fail();
    await expect(kv.get(["a", "b"])).rejects.toThrow("500");
    expect(await kv.get("a")).toBe("1");
  });

  test("each read asks, and what it finds is fresh again", async () => {
    const kv = rest.open(options);
    await rest.elsewhere("a", "1");
    await kv.get("a");
    await rest.elsewhere("a", "2");
    rest.advance(MINUTE);
    rest.fail();
    expect(await kv.get("a")).toBe("1");
    rest.recover();
    expect(await kv.get("a")).toBe("2");
  });

  test("beyond the window the failure is told", async () => {
    const kv = rest.open(options);
    await rest.elsewhere("a", "1");
    await kv.get("a");
    rest.fail();
    rest.advance(11 * MINUTE - 1);
    expect(await kv.get("a")).toBe("1");
    rest.advance(1);
    expect(await errorOf(kv.get("a"))).toMatchObject({ code: "KV_API", httpStatus: 500 });
  });

  test("a call that is wrong is told at once: credentials, for one", async () => {
    const kv = rest.open(options);
    await rest.elsewhere("a", "1");
    await kv.get("a");
    rest.advance(MINUTE);
    rest.wire.instead = () =>
      Response.json({ success: false, errors: [{ code: 10_000, message: "no" }] }, { status: 403 });
    expect(await errorOf(kv.get("a"))).toMatchObject({ code: "KV_AUTH" });
  });
});

describe("the circuit", () => {
  const rest = useCachedRest();
  const open = () => rest.open({ staleIfError: 60 * MINUTE, circuit: { failures: 3, cooldown: 5 * SECOND } });

  test("after so many failures in a row nothing is asked, and stale copies are handed out", async () => {
    const kv = open();
    await rest.elsewhere("a", "1");
    await kv.get("a");
    rest.advance(MINUTE);
    rest.fail();
    rest.wire.sent.length = 0;
    for (let i = 0; i < 20; i++) expect(await kv.get("a")).toBe("1");
    for (let i = 0; i < 5; i++) expect(await kv.get(["a"])).toEqual(new Map([["a", "1"]]));
    expect(rest.wire.sent).toHaveLength(3);
    expect(kv.stats()).toMatchObject({ stale: 25, misses: 4 });
  });

  test("where there is no copy the error tells of it, when it is asked again, and the last failure", async () => {
    const kv = open();
    rest.fail();
    for (let i = 0; i < 3; i++) await expect(kv.get("a")).rejects.toThrow("500");
    rest.wire.sent.length = 0;
    rest.advance(SECOND);
    const error = await errorOf(kv.get("a"));
    expect(error).toMatchObject({ code: "KV_API", key: "a", cause: { cause: { httpStatus: 500 } } });
    expect(error.message).toMatch(/failed 3 times in a row; the next attempt is in 4000 ms.*500/);
    await expect(kv.get(["a", "b"])).rejects.toThrow("3 times in a row");
    expect(rest.wire.sent).toEqual([]);
  });

  test("a success in between begins the count anew", async () => {
    const kv = open();
    for (let i = 0; i < 5; i++) {
      rest.fail();
      for (let j = 0; j < 2; j++) await expect(kv.get("a")).rejects.toThrow(/^(?!.*in a row)/);
      rest.recover();
      await kv.get(`b${i}`);
    }
  });

  test("after the cooldown one read tries; where it fails, the circuit stays open", async () => {
    const kv = open();
    await rest.elsewhere("a", "1");
    await kv.get("a");
    rest.advance(MINUTE);
    rest.fail();
    for (let i = 0; i < 3; i++) await kv.get("a");
    rest.wire.sent.length = 0;
    for (let round = 1; round <= 3; round++) {
      rest.advance(5 * SECOND);
      // One asks, and the others, who come while it does, are not kept waiting.
      rest.wire.hold();
      const probing = kv.get("b");
      expect(await kv.get("a")).toBe("1");
      await expect(kv.get("c")).rejects.toThrow("in a row");
      rest.wire.release();
      await expect(probing).rejects.toThrow("500");
      rest.advance(5 * SECOND - 1);
      expect(await kv.get("a")).toBe("1");
      expect(rest.wire.sent).toHaveLength(round);
    }
  });

  test("where it succeeds, the circuit closes", async () => {
    const kv = open();
    rest.fail();
    for (let i = 0; i < 4; i++) await errorOf(kv.get("a"));
    rest.recover();
    await rest.elsewhere("a", "1");
    rest.advance(5 * SECOND - 1);
    await expect(kv.get("a")).rejects.toThrow("in a row");
    rest.advance(1);
    expect(await kv.get("a")).toBe("1");
    rest.fail();
    for (const key of ["b", "c", "d"]) await expect(kv.get(key)).rejects.toThrow(/^(?!.*in a row)/);
    await expect(kv.get("e")).rejects.toThrow("in a row");
    rest.recover();
  });

  test("refreshes do not ask either, and are no failures", async () => {
    const kv = rest.open({
      staleWhileRevalidate: 10 * MINUTE,
      staleIfError: 10 * MINUTE,
      circuit: { failures: 1, cooldown: 5 * SECOND },
    });
    await rest.elsewhere("a", "1");
    await kv.get("a");
    rest.advance(MINUTE);
    rest.fail();
    await kv.get("a");
    await eventually(() => expect(kv.stats().errors).toBe(1));
    rest.wire.sent.length = 0;
    for (let i = 0; i < 5; i++) expect(await kv.get("a")).toBe("1");
    expect(await kv.get(["a"])).toEqual(new Map([["a", "1"]]));
    expect(rest.wire.sent).toEqual([]);
    expect(kv.stats().errors).toBe(1);
  });

  test("five failures open it for five seconds by default; without staleIfError there is none", async () => {
    rest.fail();
    const kv = rest.open({ staleIfError: 1 });
    for (let i = 0; i < 20; i++) await errorOf(kv.get("a"));
    expect(rest.wire.sent).toHaveLength(5);
    rest.advance(4999);
    await errorOf(kv.get("a"));
    expect(rest.wire.sent).toHaveLength(5);
    rest.advance(1);
    await errorOf(kv.get("a"));
    expect(rest.wire.sent).toHaveLength(6);
    for (const patient of [rest.open(), rest.open({ staleIfError: 1, circuit: false })]) {
      rest.wire.sent.length = 0;
      for (let i = 0; i < 10; i++) await errorOf(patient.get("a"));
      expect(rest.wire.sent).toHaveLength(10);
    }
  });

  test("an answer of any kind closes it", async () => {
    const kv = open();
    rest.fail();
    for (let i = 0; i < 3; i++) await errorOf(kv.get("a"));
    rest.wire.instead = () =>
      Response.json({ success: false, errors: [{ code: 10_000, message: "no" }] }, { status: 403 });
    rest.advance(5 * SECOND);
    for (let i = 0; i < 2; i++) expect(await errorOf(kv.get("a"))).toMatchObject({ code: "KV_AUTH" });
    rest.recover();
    expect(await kv.get("a")).toBeNull();
  });

  test("what is wrong with a call opens nothing", async () => {
    const kv = open();
    for (let i = 0; i < 10; i++) await expect(kv.get("x".repeat(513))).rejects.toThrow("512");
    rest.wire.instead = () =>
      Response.json({ success: false, errors: [{ code: 10_000, message: "no" }] }, { status: 403 });
    for (let i = 0; i < 10; i++) expect(await errorOf(kv.get("a"))).toMatchObject({ code: "KV_AUTH" });
    rest.recover();
    expect(await kv.get("a")).toBeNull();
  });
});

describe("fetchTimeout", () => {
  const rest = useCachedRest();

  test("where the backend is slower, a stale copy is handed out, and what comes late is kept", async () => {
    const kv = rest.open({ staleIfError: MINUTE, fetchTimeout: 20 });
    await rest.elsewhere("a", "1");
    await kv.get("a");
    await rest.elsewhere("a", "2");
    rest.advance(MINUTE);
    rest.wire.hold();
    const found = kv.get("a");
    await rest.sent(2);
    rest.advance(19);
    await manyTurns();
    expect(kv.stats()).toMatchObject({ stale: 0 });
    const joined = kv.get(["a"]);
    rest.advance(1);
    expect(await found).toBe("1");
    rest.advance(19);
    expect(await joined).toEqual(new Map([["a", "1"]]));
    expect(kv.stats()).toMatchObject({ stale: 2, backendReads: 2 });
    rest.wire.release();
    await eventually(async () => expect(await kv.get("a")).toBe("2"));
    expect(kv.stats().backendReads).toBe(2);
  });

  test("without a copy, a read waits", async () => {
    const kv = rest.open({ staleIfError: MINUTE, fetchTimeout: 5 });
    await rest.elsewhere("a", "1");
    await kv.put("b", "2");
    rest.advance(MINUTE);
    rest.wire.hold();
    const reading = kv.get("a");
    // It came later, and its time is over.
    const other = kv.get("b");
    rest.advance(5);
    expect(await other).toBe("2");
    expect(await Promise.race([reading, Promise.resolve("is waiting")])).toBe("is waiting");
    rest.wire.release();
    expect(await reading).toBe("1");
  });

  test("where the backend is in time, what it says is handed out", async () => {
    const kv = rest.open({ staleIfError: MINUTE, fetchTimeout: 2 ** 31 });
    await rest.elsewhere("a", "1");
    await kv.get("a");
    await rest.elsewhere("a", "2");
    rest.advance(MINUTE);
    expect(await kv.get("a")).toBe("2");
    expect(kv.stats().stale).toBe(0);
  });
});
