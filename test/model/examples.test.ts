/** Programs in which a write once broke a law; each keeps all of them. */
import { describe, expect, test } from "vitest";
import type { Fate } from "./fates.ts";
import type { Call } from "./history.ts";
import { holds, run } from "./run.ts";
import { long, slowly, streamOf } from "./sources.ts";
import { LAG } from "./store.ts";

/** Takes effect long after it was sent, and is answered later still. */
const SLOW: Fate = { effect: 100, answer: 150 };

const NO_PACE = { writeInterval: 0 };

/** What a call rejected with. */
const errorOf = ({ error }: Call): unknown => error?.value;

/** How long a call took. */
const timeOf = ({ called, settled }: Call): number => settled!.at - called.at;

describe("an acknowledged write is not overwritten by an older one", () => {
  test("whose deadline passed in flight", async () => {
    await holds({ client: NO_PACE, api: { fates: [SLOW] } }, async ({ kv, wait }) => {
      void kv.put("a", "a#1", { deadline: 20 });
      await wait(30);
      void kv.put("a", "a#2");
    });
  });

  test("that the client's deadline ended in flight", async () => {
    await holds({ client: { ...NO_PACE, deadline: 20 }, api: { fates: [SLOW] } }, async ({ kv, wait }) => {
      void kv.put("a", "a#1");
      await wait(30);
      void kv.put("a", "a#2", { deadline: 60_000 });
    });
  });

  test("that was tried again after its timeout, and whose first attempt takes effect last", async () => {
    const client = { ...NO_PACE, timeout: 50, retry: { minDelay: 1, maxDelay: 1 } };
    await holds({ client, api: { fates: [{ how: "silence", effect: 200 }] } }, async ({ kv }) => {
      await kv.put("a", "a#1");
      await kv.put("a", "a#2");
    });
  });

  test("that gave up after its timeout", async () => {
    const client = { ...NO_PACE, timeout: 50, retry: false as const };
    await holds({ client, api: { fates: [{ how: "silence", effect: 200 }] } }, async ({ kv }) => {
      await kv.put("a", "a#1");
      await kv.put("a", "a#2");
    });
  });

  test("that nobody waited for when it was given up", async () => {
    const client = { ...NO_PACE, timeout: 50 };
    await holds({ client, api: { fates: [{ how: "silence", effect: 200 }] } }, async ({ kv, wait }) => {
      void kv.put("a", "a#1", { deadline: 5 });
      await wait(60);
      void kv.put("a", "a#2");
    });
  });

  test("that was tried again, and then refused for its key until its deadline", async () => {
    const client = { ...NO_PACE, timeout: 50, deadline: 100, retry: { minDelay: 1, maxDelay: 1 } };
    const fates: Fate[] = [{ how: "silence", effect: 250 }, { how: "429 of the key" }];
    await holds({ client, api: { fates } }, async ({ kv }) => {
      await kv.put("a", "a#1");
      await kv.put("a", "a#2", { deadline: 10_000 });
    });
  });

  test.each(["page", "504"] as const)(
    "that a proxy answered with a %s, as it did not know what became of it",
    async (how) => {
      const api = { fates: [{ how, effect: 200 }], lagAfterFailure: LAG };
      await holds({ client: { ...NO_PACE, retry: false }, api }, async ({ kv }) => {
        await kv.put("a", "a#1");
        await kv.put("a", "a#2");
      });
    },
  );

  test("that was streamed to its end, and aborted", async () => {
    await holds({ client: NO_PACE, api: { fates: [SLOW] } }, async ({ kv, wait, abortedAfter }) => {
      void kv.put("a", streamOf("a#1"), { signal: abortedAfter(20) });
      await wait(30);
      void kv.put("a", "a#2");
    });
  });

  test("in a bulk request with others", async () => {
    await holds({ client: NO_PACE, api: { fates: [SLOW] } }, async ({ kv, wait }) => {
      void kv.putMany(
        [
          { key: "a", value: "a#1" },
          { key: "b", value: "b#1" },
        ],
        { deadline: 20 },
      );
      await wait(30);
      void kv.put("a", "a#2");
    });
  });

  test("that is a delete", async () => {
    await holds({ client: NO_PACE, api: { exists: ["a"], fates: [SLOW] } }, async ({ kv, wait }) => {
      void kv.delete("a", { deadline: 20 });
      await wait(30);
      void kv.put("a", "a#2");
    });
  });
});

describe("a write that nobody wants is not sent", () => {
  test("after it was aborted in flight, and refused for its key", async () => {
    const fates: Fate[] = [{ how: "429 of the key", answer: 50 }, SLOW];
    await holds({ api: { fates } }, async ({ kv, wait, abortedAfter }) => {
      void kv.put("a", "a#1", { signal: abortedAfter(20) });
      await wait(1080);
      void kv.put("a", "a#2");
    });
  });

  test("once the source of a putMany has thrown while its first body waits", async () => {
    const client = { batch: { maxBytes: 600, maxInFlight: 1 } };
    await holds({ client, api: { fates: [SLOW, SLOW] } }, async ({ kv, wait }) => {
      void kv.put("z", "z#1");
      await wait(1);
      const pairs = ["a", "b"].map((key) => ({ key, value: long(`${key}#2`) }));
      void kv.putMany(slowly(pairs, wait, 0, "fails"));
      await wait(160);
      void kv.put("a", "a#3");
    });
  });
});

describe("what a write replaced comes back when it leaves before it was sent", () => {
  test("as it was aborted", async () => {
    const { calls, effects } = await holds({ client: { batch: { window: 50 } } }, async ({ kv, abortedAfter }) => {
      void kv.put("a", "a#1");
      void kv.put("a", "a#2", { signal: abortedAfter(20) });
    });
    expect(effects.map(({ state }) => state)).toEqual(["a#1"]);
    expect(errorOf(calls[0]!)).toBeUndefined();
    expect(errorOf(calls[1]!)).toBe(calls[1]!.left!.reason);
  });

  test("as its deadline passed", async () => {
    const { calls, effects } = await holds({ client: { batch: { window: 50 } } }, async ({ kv }) => {
      void kv.put("a", "a#1");
      void kv.delete("a", { deadline: 20 });
    });
    expect(effects.map(({ state }) => state)).toEqual(["a#1"]);
    expect(errorOf(calls[0]!)).toBeUndefined();
    expect(errorOf(calls[1]!)).toMatchObject({ key: "a" });
  });

  test("two of them, one after the other", async () => {
    const { effects } = await holds({ client: { batch: { window: 50 } } }, async ({ kv, abortedAfter }) => {
      void kv.put("a", "a#1");
      void kv.put("a", "a#2", { signal: abortedAfter(30) });
      void kv.delete("a", { signal: abortedAfter(20) });
    });
    expect(effects.map(({ state }) => state)).toEqual(["a#1"]);
  });
});

test("what a putMany replaced comes back when its source fails", async () => {
  const { effects } = await holds({ client: { batch: { maxInFlight: 1, maxBytes: 600 } } }, ({ kv, wait }) => {
    const pairs = ["a", "b"].map((key) => ({ key, value: long(`${key}#1`) }));
    void kv.putMany(slowly(pairs, wait, 0, "fails"));
    void kv.putMany([{ key: "a", value: "a#2" }]);
  });
  expect(effects.map(({ state }) => state)).toEqual(["a#2"]);
});

describe("where a key comes twice in a putMany", () => {
  test("neither is sent once its deadline has passed", async () => {
    const { effects } = await holds({ client: { batch: { window: 50 } } }, ({ kv }) => {
      const pairs = ["a#2", "a#2'"].map((value) => ({ key: "a", value }));
      void kv.put("a", "a#1");
      void kv.putMany(pairs, { deadline: 20 });
    });
    expect(effects.map(({ state }) => state)).toEqual(["a#1"]);
  });

  test("it has not failed if the last value was written", async () => {
    const client = { retry: false as const, batch: { maxInFlight: 1, maxBytes: 600 } };
    const { calls } = await holds({ client, api: { fates: [{ how: "500", effect: "never" }] } }, ({ kv }) => {
      const pairs = [long("a#1"), long("b#1"), long("a#1'")].map((value) => ({ key: value[0]!, value }));
      void kv.putMany(new Set(pairs));
    });
    expect(errorOf(calls[0]!)).toBeUndefined();
  });
});

test("what is larger than a body is sent at once when nothing is on the wire", async () => {
  const { calls } = await holds({ client: { batch: { maxInFlight: 2, maxBytes: 60 } } }, ({ kv }) => {
    for (const key of ["a", "b", "c"]) void kv.put(key, long(`${key}#1`));
  });
  for (const call of calls) expect(timeOf(call)).toBeLessThan(50);
});

test.each(["put", "deleteMany"] as const)("clear() beside an attempt of a %s that was given up", async (write) => {
  // The first attempt takes effect after the second one, and after what the clear finds.
  const setup = { client: { timeout: 50 }, api: { fates: [{ effect: 400, answer: 150 }] } };
  await holds(setup, async ({ kv }) => {
    if (write === "put") void kv.put("a", "a#1");
    else void kv.deleteMany(["a"]);
    // It resolves in the same turn, before the call above does.
    await kv.delete("a");
    void kv.clear();
  });
});

test("clear() of a put whose first attempt was given up", async () => {
  const setup = { client: { timeout: 50 }, api: { fates: [{ effect: 400, answer: 150 }] } };
  await holds(setup, async ({ kv }) => {
    await kv.put("a", "a#1");
    await kv.clear();
    await kv.put("a", "a#2");
  });
});

describe("clear() deletes what was given up before it was called, and takes effect later", () => {
  const LATE: Fate = { how: "silence", effect: 100 };
  const client = { timeout: 50, retry: false as const };

  test("which a caller of many keys still waits for", async () => {
    await holds({ client, api: { fates: [{}, {}, LATE] } }, async ({ kv, wait }) => {
      await kv.put("a", "a#1");
      await kv.put("a", "a#2");
      const pairs = ["b", "a"].map((key) => ({ key, value: `${key}#3` }));
      void kv.putMany(pairs);
      await wait(60);
      await kv.clear();
    });
  });

  test("which nobody waits for", async () => {
    const { effects } = await holds({ client, api: { fates: [LATE] } }, async ({ kv, wait }) => {
      void kv.put("a", "a#1");
      await wait(60);
      await kv.clear();
    });
    expect(effects.at(-1)).toMatchObject({ key: "a", state: null });
  });

  test("and counts it once, where it was listed", async () => {
    const counts: unknown[] = [];
    const api = { exists: ["a", "b"], fates: [LATE] };
    await holds({ client, api }, async ({ kv, wait }) => {
      void kv.put("a", "a#1");
      await wait(60);
      counts.push(await kv.clear());
    });
    expect(counts).toEqual([{ value: 2 }]);
  });

  test("but not what was put after it", async () => {
    const { effects } = await holds({ client, api: { fates: [LATE] } }, async ({ kv, wait }) => {
      void kv.put("a", "a#1");
      await wait(60);
      void kv.clear();
      await kv.put("a", "a#2");
    });
    expect(effects.at(-1)).toMatchObject({ key: "a", state: "a#2" });
  });
});

test("clear() does not wait for a delete that was given up", async () => {
  const setup = { client: { timeout: 50, retry: false as const }, api: { fates: [{ how: "silence" as const }] } };
  const { calls } = await holds(setup, async ({ kv }) => {
    await kv.delete("a");
    await kv.clear();
  });
  expect(timeOf(calls[1]!)).toBeLessThan(50);
});

test("of many a clear() at once, each resolves with the first delete of what they find", async () => {
  const { attempts, calls } = await holds({ api: { exists: ["a", "b"] } }, ({ kv }) => {
    for (let i = 0; i < 10; i++) void kv.clear();
  });
  expect(attempts.filter(({ keys }) => keys.length > 0)).toHaveLength(1);
  for (const call of calls) expect(timeOf(call)).toBeLessThan(50);
});

test("of two, the second deletes what the first leaves that is aborted", async () => {
  const { effects } = await holds(
    { api: { exists: ["a"] }, client: { batch: { window: 100 } } },
    ({ kv, abortedAfter }) => {
      void kv.clear({ signal: abortedAfter(50) });
      void kv.clear();
    },
  );
  expect(effects.at(-1)).toMatchObject({ key: "a", state: null });
});

test("clear() of another prefix does not wait for what was given up", async () => {
  const setup = { client: { timeout: 50, retry: false as const }, api: { fates: [{ how: "silence" as const }] } };
  // The laws know no prefix.
  const { calls } = await run(setup, async ({ kv }) => {
    await kv.put("a", "a#1");
    await kv.clear({ prefix: "b" });
  });
  expect(timeOf(calls[1]!)).toBeLessThan(50);
});

describe("clear() does not delete a put that was called after it", () => {
  test("and before the names are listed", async () => {
    const { effects } = await holds({ client: NO_PACE, api: { exists: ["a"] } }, async ({ kv }) => {
      void kv.clear();
      void kv.put("a", "a#2");
    });
    expect(effects.at(-1)).toMatchObject({ key: "a", state: "a#2" });
  });

  test("and was confirmed while the names are listed", async () => {
    const fates: Fate[] = [{ effect: 1, answer: 100 }];
    const { effects } = await holds({ client: NO_PACE, api: { exists: ["a"], fates } }, async ({ kv, wait }) => {
      void kv.clear();
      await wait(20);
      await kv.put("a", "a#2");
    });
    expect(effects.at(-1)).toMatchObject({ key: "a", state: "a#2" });
  });

  test("and deletes what was being written when it was called", async () => {
    const { effects } = await holds({ client: NO_PACE, api: { fates: [SLOW] } }, async ({ kv, wait }) => {
      void kv.put("a", "a#1");
      await wait(20);
      await kv.clear();
    });
    expect(effects.at(-1)).toMatchObject({ key: "a", state: null });
  });

  test("and takes no longer than its deadline", async () => {
    const { calls } = await holds(
      { api: { exists: ["a", "b"], fates: [{ answer: 400 }, { answer: 400 }, { answer: 400 }] } },
      ({ kv }) => void kv.clear({ deadline: 600 }),
    );
    expect(timeOf(calls[0]!)).toBeLessThan(650);
  });
});
