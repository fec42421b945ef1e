/** Programs in which other calls, or what they answer, once broke a law; each keeps all of them. */
import { describe, expect, test } from "vitest";
import type { Fate } from "./fates.ts";
import type { Call, History } from "./history.ts";
import type { KVPair } from "@kvplug/core";
import { holds } from "./run.ts";
import { long, slowly, streamOf } from "./sources.ts";

/** Takes effect long after it was sent, and is answered later still. */
const SLOW: Fate = { effect: 100, answer: 150 };

const NO_PACE = { writeInterval: 0 };

/** What a call rejected with. */
const errorOf = ({ error }: Call): unknown => error?.value;

/** How long a call took. */
const timeOf = ({ called, settled }: Call): number => settled!.at - called.at;

const routesOf = ({ attempts }: History): string[] => attempts.map(({ route }) => route);

describe.each(["dispatcher", "fetch"] as const)("over a %s", (transport) => {
  test("close() settles with a stream that nobody reads", async () => {
    const api = { exists: ["a"], fates: [{ body: "never" as const }] };
    const { calls } = await holds({ transport, api }, async ({ kv }) => {
      await kv.getStream("a", "unread");
      await kv.close();
    });
    expect(timeOf(calls[1]!)).toBeLessThan(2000);
  });
});

describe("a putMany whose source stalls", () => {
  test("ends at the client's deadline, and does not hold up close()", async () => {
    const { calls } = await holds({ client: { deadline: 500 } }, async ({ kv, wait }) => {
      void kv.putMany(slowly([{ key: "a", value: "a#1" }], wait, 0, "stalls"));
      await wait(10);
      await kv.close();
    });
    expect(errorOf(calls[0]!)).toMatchObject({ code: "KV_TIMEOUT" });
    expect(timeOf(calls[1]!)).toBeLessThan(600);
  });

  test("ends at its own deadline", async () => {
    const { calls } = await holds({}, ({ kv, wait }) => {
      void kv.putMany(slowly([{ key: "a", value: "a#1" }], wait, 0, "stalls"), { deadline: 500 });
    });
    expect(errorOf(calls[0]!)).toMatchObject({ code: "KV_TIMEOUT" });
  });
});

test.each(["aborted", "past its deadline"])(
  "a source is closed at once when its putMany, %s, waits for room",
  async (why) => {
    const client = { batch: { maxBytes: 60 }, rateLimit: { requests: 1, window: 30_000 } };
    let closedAt = 0;
    function* source(): Generator<KVPair> {
      try {
        for (const key of ["c", "d", "e"]) yield { key, value: long(`${key}#3`) };
      } finally {
        closedAt = performance.now();
      }
    }
    const { calls } = await holds({ client }, async ({ kv, wait, abortedAfter }) => {
      await kv.put("a", "a#1");
      void kv.put("b", long("b#2"));
      void kv.putMany(
        { [Symbol.iterator]: source },
        why === "aborted" ? { signal: abortedAfter(1000) } : { deadline: 1000 },
      );
      await wait(1);
    });
    expect(timeOf(calls[2]!)).toBeLessThan(1050);
    expect(closedAt).toBe(calls[2]!.settled!.at);
  },
);

test("a read sees what a caller still waits for whose delete it replaced", async () => {
  const retry = { attempts: 4, minDelay: 10, maxDelay: 40 };
  const client = { timeout: 50, deadline: 100, retry, rateLimit: { requests: 4, window: 1000 } };
  await holds({ client, api: { fates: [{ how: "silence" }], badKey: "c" } }, async ({ kv }) => {
    void kv.deleteMany(new Set(["a"]), { deadline: 1500 });
    await kv.putMany(["c", "a"].map((key) => ({ key, value: `${key}#2` })));
    void kv.getStream("a", "whole");
  });
});

test("a read after a clear() that its caller gave up finds what is there", async () => {
  await holds({ api: { exists: ["a"] } }, async ({ kv, abortedAfter }) => {
    void kv.delete("c");
    void kv.clear({ signal: abortedAfter(0) });
    await kv.get("a");
    void kv.get("a");
  });
});

test("a read beside a clear() and a later put of many that failed before its call finds what the clear leaves", async () => {
  const api = { exists: ["b"], fates: [{}, { how: "cut" as const }] };
  await holds({ client: { retry: false }, api }, async ({ kv, wait }) => {
    void kv.clear();
    void kv.putMany(["a", "b"].map((key) => ({ key, value: `${key}#2` })));
    void kv.put("b", streamOf("b#3", "stalls"));
    await wait(60);
    void kv.getMany(["a"]);
  });
});

test("the second request of a read that waits for the budget leaves no timer behind", async () => {
  const setup = { client: { rateLimit: { requests: 4, window: 1000 } }, api: { exists: ["b"] }, cache: {} };
  await holds(setup, async ({ kv, abortedAfter }) => {
    await kv.getMany(["b"]);
    void kv.put("a", "a#2");
    // Its value goes when the budget allows, its metadata wait for the next time.
    void kv.get("b", { type: "arrayBuffer", signal: abortedAfter(1100) });
    void kv.delete("c");
  });
});

test("malformed credentials are told by one request, and not searched for in halves", async () => {
  const pairs = Array.from({ length: 100 }, (_, i) => ({ key: `k${i}`, value: `k${i}#1` }));
  const { attempts } = await holds({ api: { malformedCredentials: true } }, ({ kv }) => void kv.putMany(pairs));
  expect(attempts).toHaveLength(1);
});

test("a key does not wait for strangers after their bulk request was split", async () => {
  const fates: Fate[] = [{}, { effect: 100, answer: 100 }, { answer: 5000 }];
  const { calls } = await holds({ client: NO_PACE, api: { badKey: "c", fates } }, async ({ kv, wait }) => {
    void kv.putMany(["a", "c"].map((key) => ({ key, value: `${key}#1` })));
    await wait(50);
    await kv.put("a", "a#2");
  });
  expect(timeOf(calls[1]!)).toBeLessThan(100);
});

describe("an error names its key", () => {
  test("at the call's own deadline", async () => {
    const { calls } = await holds({ api: { fates: [SLOW, SLOW] } }, ({ kv }) => {
      void kv.put("a", "a#1", { deadline: 20 });
      void kv.get("b", { deadline: 20 });
    });
    expect(calls.slice(0, 2).map(errorOf)).toMatchObject([{ key: "a" }, { key: "b" }]);
  });

  test("while the client is paused", async () => {
    const { calls } = await holds({ api: { fates: [{ how: "429", retryAfter: 10 }] } }, async ({ kv, wait }) => {
      void kv.put("a", "a#1", { deadline: 100 });
      await wait(10);
      void kv.put("b", "b#2", { deadline: 100 });
      void kv.get("c", { deadline: 100 });
    });
    const keys = calls.slice(0, 3).map((call) => (errorOf(call) as { key?: string }).key);
    expect(keys).toEqual(["a", "b", "c"]);
  });

  test("where a broken stream replaced the write", async () => {
    const { calls } = await holds({ client: { batch: { window: 20 } } }, ({ kv }) => {
      void kv.put("a", "a#1");
      void kv.put("a", streamOf("a#2", "fails"));
    });
    expect(errorOf(calls[1]!)).toBe(calls[1]!.ownErrors[0]);
    expect(errorOf(calls[0]!)).not.toBe(calls[1]!.ownErrors[0]);
  });
});

test("get(keys) reads the caller's array once", async () => {
  const { calls } = await holds({ api: { exists: ["a", "b"] } }, async ({ kv }) => {
    const keys = ["a", "b"];
    const read = kv.getMany(keys);
    keys.splice(0, 2, "c");
    await read;
  });
  expect(calls[0]!.reads.map(({ key, state }) => [key, state])).toEqual([
    ["a", "a#0"],
    ["b", "b#0"],
  ]);
});

test("a get(keys) that rejected sends no more requests", async () => {
  const keys = Array.from({ length: 50 }, (_, i) => `k${i}`);
  const history = await holds(
    { client: { batch: { maxKeys: 1, maxInFlight: 2 }, retry: false }, api: { fates: [{}, { how: "500" }] } },
    ({ kv }) => void kv.getMany(keys),
  );
  expect(history.attempts.length).toBeLessThan(5);
});

describe("an incomplete answer", () => {
  test("to a bulk read is no null", async () => {
    await holds(
      { client: { retry: { minDelay: 1 } }, api: { exists: ["a", "b"], fates: [{ how: "keys missing", first: 1 }] } },
      ({ kv }) => void kv.getMany(["a", "b"]),
    );
  });

  test.each(["no result", "no count"] as const)("with %s acknowledges nothing", async (how) => {
    for (const fate of [{ how }, { how, first: 1 }]) {
      const pairs = [
        { key: "a", value: "a#1" },
        { key: "b", value: "b#1" },
      ];
      await holds({ client: { retry: { minDelay: 1 } }, api: { fates: [fate] } }, ({ kv }) => void kv.putMany(pairs));
      await holds(
        { client: { retry: { minDelay: 1 } }, api: { exists: ["a", "b"], fates: [fate] } },
        ({ kv }) => void kv.deleteMany(["a", "b"]),
      );
    }
  });
});

test("a key of a streamed put that is written too fast does not hold up others", async () => {
  const history = await holds({ api: { exists: ["b"], fates: [{ how: "429 of the key" }] } }, async ({ kv }) => {
    await kv.put("a", streamOf("a#1"));
    await kv.get("b");
  });
  expect(routesOf(history)).toEqual(["PUT values/a", "GET values/b"]);
  expect(timeOf(history.calls[1]!)).toBeLessThan(50);
});
