import { withCache } from "@kvplug/cache";
import { openKV } from "@kvplug/server";
import { describe, expect, test } from "vitest";
import { useCachedRest } from "../support/cached-rest.ts";
import { errorOf } from "../support/errors.ts";
import { eventually } from "../support/eventually.ts";
import { silentKV } from "../support/silent-kv.ts";
import { manyTurns } from "../support/turns.ts";

const rest = useCachedRest();

describe("close() lets end", () => {
  test("a wrap that makes its value, which is stored", async () => {
    const begun = Promise.withResolvers<void>();
    const made = Promise.withResolvers<string>();
    const wrapped = rest.kv.wrap("a", () => (begun.resolve(), made.promise));
    await begun.promise;
    const closing = rest.kv.close();
    made.resolve("made");
    expect(await wrapped).toBe("made");
    await closing;
    expect(await rest.stored("a")).toBe('"made"');
  });

  test("a wrap that reads first", async () => {
    rest.wire.hold();
    const wrapped = rest.kv.wrap("a", () => "made");
    await rest.sent(1);
    const closing = rest.kv.close();
    rest.wire.release();
    expect(await wrapped).toBe("made");
    await closing;
    expect(await rest.stored("a")).toBe('"made"');
  });

  test("a value that is made in the background", async () => {
    await rest.kv.wrap("a", () => "old", { ttl: 10_000 });
    const made = Promise.withResolvers<string>();
    expect(await rest.kv.wrap("a", () => made.promise, { ttl: 10_000, refreshThreshold: 10_000 })).toBe("old");
    const closing = rest.kv.close();
    made.resolve("new");
    await closing;
    expect(await rest.stored("a")).toBe('"new"');
    expect(rest.kv.stats().errors).toBe(0);
  });

  test("a copy that is refreshed", async () => {
    const kv = rest.open({ staleWhileRevalidate: 60_000 });
    await rest.elsewhere("a", "1");
    await kv.get("a");
    rest.advance(60_000);
    rest.wire.hold();
    expect(await kv.get("a")).toBe("1");
    const closing = kv.close();
    await rest.sent(2);
    rest.wire.release();
    await closing;
    expect(kv.stats()).toMatchObject({ backendReads: 2, errors: 0 });
  });

  test("reads", async () => {
    await rest.elsewhere("a", "1");
    rest.wire.hold();
    const reads = Promise.all([rest.kv.get("a"), rest.kv.get(["b"]), rest.kv.get("a", "arrayBuffer")]);
    await rest.sent(1);
    const closing = rest.kv.close();
    rest.wire.release();
    expect((await reads)[0]).toBe("1");
    await closing;
  });
});

test("close() waits for a function no longer than the deadline, and then its value is handed out and not stored", async () => {
  const backend = openKV();
  const kv = withCache(backend, { max: 10, deadline: 20 });
  const made = Promise.withResolvers<string>();
  const wrapped = kv.wrap("a", () => made.promise);
  const closing = kv.close();
  await manyTurns();
  rest.advance(20);
  await closing;
  made.resolve("made");
  expect(await wrapped).toBe("made");
  expect(kv.stats().errors).toBe(0);
});

test("close() of a silent backend ends at the deadline", async () => {
  const kv = withCache(silentKV(), { max: 10, deadline: 20 });
  const outcome = errorOf(kv.get("a"));
  const wrapped = errorOf(kv.wrap("a", () => new Promise(() => {}), { deadline: 60_000 }));
  const closing = kv.close();
  await manyTurns();
  rest.advance(20);
  await closing;
  expect(await outcome).toMatchObject({ code: "KV_TIMEOUT" });
  // What the caller does is the caller's business.
  expect(await Promise.race([wrapped, Promise.resolve("is waiting")])).toBe("is waiting");
});

test("a value of wrap is not lost where the backend was closed by somebody else", async () => {
  const made = Promise.withResolvers<string>();
  const begun = Promise.withResolvers<void>();
  const wrapped = rest.kv.wrap("a", () => (begun.resolve(), made.promise));
  await begun.promise;
  await rest.kv.backend.close();
  made.resolve("made");
  expect(await wrapped).toBe("made");
  await eventually(() => expect(rest.kv.stats().errors).toBe(1));
});
