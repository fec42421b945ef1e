import { withCache } from "@kvplug/cache";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { useCachedRest } from "../support/cached-rest.ts";
import { errorOf } from "../support/errors.ts";
import { silentKV } from "../support/silent-kv.ts";

const SECOND = 1000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe("a key that expires while somebody waits", () => {
  const rest = useCachedRest();

  test("is not handed out of a stale copy when the backend fails", async () => {
    const kv = rest.open({ ttl: SECOND, staleIfError: HOUR });
    await rest.elsewhere("a", "1", { expirationTtl: 60 });
    await kv.get("a");
    rest.advance(45 * SECOND);
    rest.wire.hold();
    const outcomes = [kv.get("a"), kv.get(["a"])].map((read: Promise<unknown>) => errorOf(read));
    await rest.sent(2);
    rest.advance(15 * SECOND);
    rest.fail();
    rest.wire.release();
    for (const error of await Promise.all(outcomes)) expect(error).toMatchObject({ code: "KV_API" });
  });

  test("is not what wrap falls back to when its function throws", async () => {
    const kv = rest.open({ staleIfError: HOUR });
    await rest.elsewhere("a", '"old"', {
      expirationTtl: 60,
      metadata: { "kvplug:freshUntil": Date.now() + 10 * SECOND },
    });
    rest.advance(45 * SECOND);
    const { promise, reject } = Promise.withResolvers<never>();
    const begun = Promise.withResolvers<void>();
    const outcome = errorOf(
      kv.wrap("a", () => {
        begun.resolve();
        return promise;
      }),
    );
    await begun.promise;
    rest.advance(15 * SECOND);
    reject(new Error("no database"));
    expect((await outcome).message).toBe("no database");
  });

  test("while its write is under way is read as gone", async () => {
    rest.wire.hold();
    const put = rest.kv.put("a", "1", { expirationTtl: 60, metadata: 1 });
    expect(await rest.kv.get("a")).toBe("1");
    rest.advance(50 * SECOND);
    expect(await rest.kv.get("a")).toBe("1");
    rest.advance(10 * SECOND);
    expect(await rest.kv.get("a")).toBeNull();
    expect(await rest.kv.getWithMetadata("a")).toEqual({ value: null, metadata: null, cacheStatus: null });
    rest.wire.release();
    await put.catch(() => {});
  });
});

test("a key that expires while the backend is slow is not handed out of a stale copy", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
  onTestFinished(() => void vi.useRealTimers());
  const options = { ttl: SECOND, staleIfError: HOUR, fetchTimeout: 20 * SECOND, deadline: MINUTE };
  const kv = withCache(silentKV(), { max: 10, ...options });
  await kv.put("a", "1", { expirationTtl: 60 });
  vi.advanceTimersByTime(30 * SECOND);
  const stale = kv.get("a");
  vi.advanceTimersByTime(20 * SECOND);
  expect(await stale).toBe("1");
  const outcomes = [kv.get("a"), kv.get(["a"])].map((read: Promise<unknown>) => errorOf(read));
  vi.advanceTimersByTime(20 * SECOND);
  // It is told at the deadline, and nothing in its place before that.
  await new Promise((resolve) => setImmediate(resolve));
  vi.advanceTimersByTime(40 * SECOND);
  for (const error of await Promise.all(outcomes)) expect(error).toMatchObject({ code: "KV_TIMEOUT" });
});
