import { afterEach, describe, expect, test } from "vitest";
import { useCachedRest } from "../support/cached-rest.ts";
import { errorOf } from "../support/errors.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const rest = useCachedRest();

/** What sets clocks: people, time servers, and the fake timers of a test that begin and end. */
const STEPS: [name: string, step: () => void][] = [
  ["the wall clock is set back by an hour", () => rest.setClock(-HOUR)],
  ["performance.now() begins anew", beginAnew],
];

let goBack: (() => void) | undefined;
// Before the clock stops standing.
afterEach(() => goBack?.());

/** Lets `performance.now()` begin anew, as fake timers do. */
function beginAnew(): void {
  const { now } = performance;
  const began = performance.now();
  performance.now = () => now.call(performance) - began;
  goBack = () => {
    performance.now = now;
    goBack = undefined;
  };
}

describe.for(STEPS)("when %s", ([, step]) => {
  const late = async (ahead = 10 * HOUR): Promise<void> => {
    rest.advance(ahead);
    // Some time has passed since the process began.
    await rest.kv.get("something");
  };

  test("a copy lasts for its ttl", async () => {
    const kv = rest.open({ ttl: SECOND });
    await late();
    await rest.elsewhere("a", "old");
    await kv.get("a");
    await rest.elsewhere("a", "new");
    step();
    expect(await kv.get("a")).toBe("old");
    rest.advance(SECOND);
    expect(await kv.get("a")).toBe("new");
  });

  test("that a key does not exist lasts for its negativeTtl", async () => {
    const kv = rest.open({ negativeTtl: SECOND });
    await late();
    await kv.get("a");
    await rest.elsewhere("a", "new");
    step();
    expect(await kv.get("a")).toBeNull();
    rest.advance(SECOND);
    expect(await kv.get("a")).toBe("new");
  });

  test("a stale copy lasts for its window", async () => {
    const kv = rest.open({ ttl: SECOND, staleIfError: SECOND, circuit: false });
    await late();
    await rest.elsewhere("a", "old");
    await kv.get("a");
    rest.fail();
    step();
    rest.advance(2 * SECOND - 1);
    expect(await kv.get("a")).toBe("old");
    rest.advance(1);
    await expect(kv.get("a")).rejects.toThrow("500");
  });

  test("a value of wrap is good for its ttl", async () => {
    await late();
    await rest.kv.wrap("a", () => "old", { ttl: SECOND });
    step();
    rest.advance(SECOND);
    expect(await rest.kv.wrap("a", () => "new", { ttl: SECOND })).toBe("new");
  });

  test("a value of wrap that was read is good for its ttl", async () => {
    await late();
    await rest.open().wrap("a", () => "old", { ttl: SECOND });
    expect(await rest.kv.wrap("a", () => "new", { ttl: SECOND })).toBe("old");
    step();
    rest.advance(SECOND);
    expect(await rest.kv.wrap("a", () => "new", { ttl: SECOND })).toBe("new");
  });

  test("the circuit is open for its cooldown", async () => {
    const kv = rest.open({ staleIfError: MINUTE, circuit: { failures: 1, cooldown: SECOND } });
    await late();
    rest.fail();
    await errorOf(kv.get("a"));
    rest.recover();
    step();
    await expect(kv.get("a")).rejects.toThrow("1000 ms");
    rest.advance(SECOND);
    expect(await kv.get("a")).toBeNull();
  });

  test("the trial of the circuit has its cooldown", async () => {
    const kv = rest.open({ staleIfError: MINUTE, circuit: { failures: 1, cooldown: SECOND } });
    await late();
    rest.fail();
    await errorOf(kv.get("a"));
    rest.recover();
    rest.advance(SECOND);
    rest.wire.hold();
    const trial = kv.get("a");
    step();
    await expect(kv.get("b")).rejects.toThrow("1000 ms");
    rest.advance(SECOND);
    const second = kv.get("b");
    rest.wire.release();
    expect(await Promise.all([trial, second])).toEqual([null, null]);
  });

  test("a read that is under way is joined no longer than its deadline", async () => {
    await late();
    await rest.elsewhere("a", "1");
    const kv = rest.open({ deadline: MINUTE });
    rest.wire.sent.length = 0;
    rest.wire.hold();
    const first = errorOf(kv.get("a"));
    await rest.sent(1);
    step();
    const joined = errorOf(kv.get("a"));
    rest.advance(MINUTE);
    for (const outcome of [first, joined]) expect(await outcome).toMatchObject({ code: "KV_TIMEOUT" });
    const second = kv.get("a");
    await rest.sent(2);
    rest.wire.release();
    expect(await second).toBe("1");
  });

  test("no copy outlives its key", async () => {
    const kv = rest.open({ ttl: HOUR, staleIfError: HOUR });
    await late();
    await kv.put("a", "1", { expirationTtl: 60 });
    step();
    rest.fail();
    rest.advance(MINUTE);
    await expect(kv.get("a")).rejects.toThrow("500");
  });
});

test("when the wall clock is set forward, what has no expiration lasts as long as it should", async () => {
  await rest.elsewhere("a", "old");
  await rest.kv.get("a");
  await rest.elsewhere("a", "new");
  rest.setClock(HOUR);
  rest.advance(MINUTE - 1);
  expect(await rest.kv.get("a")).toBe("old");
  rest.advance(1);
  expect(await rest.kv.get("a")).toBe("new");
});

test("when the wall clock is set right, a key that has expired by then is gone", async () => {
  const kv = rest.open({ ttl: HOUR, staleIfError: HOUR });
  await kv.put("a", "1", { expiration: Math.floor(Date.now() / 1000) + 600 });
  rest.fail();
  rest.setClock(HOUR);
  await expect(kv.get("a")).rejects.toThrow("500");
});
