import { describe, expect, test } from "vitest";
import { useCachedRest } from "../support/cached-rest.ts";
import { errorOf } from "../support/errors.ts";

const SECOND = 1000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe("a key that expires while somebody waits", () => {
  const rest = useCachedRest();

  test.for([
    ["fails", () => rest.fail()],
    ["is slow", () => {}],
  ] as const)("is not handed out of a stale copy when the backend %s", async ([how, happen]) => {
    const kv = rest.open({ ttl: SECOND, staleIfError: HOUR, fetchTimeout: 50 });
    await rest.elsewhere("a", "1", { expirationTtl: 60 });
    await kv.get("a");
    rest.advance(45 * SECOND);
    rest.wire.hold();
    const outcome = errorOf(kv.get("a"));
    const many = errorOf(kv.get(["a"]));
    await rest.sent(2);
    rest.advance(15 * SECOND);
    happen();
    if (how === "fails") rest.wire.release();
    for (const error of await Promise.all([outcome, many])) {
      expect(error).toMatchObject({ code: how === "fails" ? "KV_API" : "KV_TIMEOUT" });
    }
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
