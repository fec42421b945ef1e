import { withCache } from "@kvplug/cache";
import { describe, expect, test } from "vitest";
import { useCachedRest } from "../support/cached-rest.ts";
import { errorOf } from "../support/errors.ts";
import { overlaid } from "../support/overlaid.ts";

const SECOND = 1000;
const MINUTE = 60_000;

describe("the trial of an open circuit", () => {
  const rest = useCachedRest();

  test("may be a call of more keys than a request carries", async () => {
    const keys = Array.from({ length: 250 }, (_, i) => `key ${i}`);
    const kv = rest.open({ staleIfError: MINUTE, circuit: { failures: 1, cooldown: SECOND } }, { batch: false });
    rest.fail();
    await errorOf(kv.get("a"));
    rest.recover();
    await Promise.all(keys.map((key) => rest.elsewhere(key, "1")));
    rest.advance(SECOND);
    rest.wire.sent.length = 0;
    expect(await kv.get(keys)).toEqual(new Map(keys.map((key) => [key, "1"])));
    expect(rest.wire.sent.map(({ keys }) => keys.length)).toEqual([100, 100, 50]);
  });

  test("of which all requests fail is one failure", async () => {
    const keys = Array.from({ length: 250 }, (_, i) => `key ${i}`);
    const kv = rest.open({ staleIfError: MINUTE, circuit: { failures: 1, cooldown: SECOND } }, { batch: false });
    rest.fail();
    await errorOf(kv.get("a"));
    rest.advance(SECOND);
    await expect(kv.get(keys)).rejects.toThrow(/^(?!.*in a row)/);
    expect((await errorOf(kv.get("a"))).message).toContain("failed 2 times in a row");
  });

  test("asks again for a key that a Worker's binding lost, whichever part comes first", async () => {
    const keys = ["0", ...Array.from({ length: 150 }, (_, i) => `key ${i}`)];
    await Promise.all(keys.map((key) => rest.elsewhere(key, "1")));
    const { backend } = rest.open({}, { batch: false });
    const { promise: secondPart, resolve: letSecondPart } = Promise.withResolvers<void>();
    const binding = overlaid(backend, {
      getWithMetadata: async (asked: string | string[], type: "text") => {
        if (!Array.isArray(asked)) return backend.getWithMetadata(asked, type).finally(letSecondPart);
        if (!asked.includes("0")) await secondPart;
        const found = await backend.getWithMetadata(asked, type);
        found.delete("0");
        return found;
      },
    });
    const kv = withCache(binding, { max: 1000, staleIfError: MINUTE, circuit: { failures: 1 } });
    rest.fail();
    await errorOf(kv.get("a"));
    rest.recover();
    rest.advance(5 * SECOND);
    expect(await kv.get(keys)).toEqual(new Map(keys.map((key) => [key, "1"])));
  });
});

describe("reads that began before the circuit opened", () => {
  const rest = useCachedRest();

  test("do not keep it open by failing late", async () => {
    const fates = new Map<string, PromiseWithResolvers<void>>();
    const slow = overlaid(rest.kv.backend, {
      getWithMetadata: (key: string) => {
        const fate = Promise.withResolvers<void>();
        fates.set(key, fate);
        return fate.promise.then(() => rest.kv.backend.getWithMetadata(key, "text"));
      },
    });
    const circuit = { failures: 2, cooldown: 5 * SECOND };
    const cached = withCache(slow, { max: 10, staleIfError: MINUTE, circuit });
    const reads = ["a", "b", "c"].map((key) => errorOf(cached.get(key)));
    const end = async (i: number): Promise<void> => {
      fates.get("abc"[i]!)!.reject(new Error("no network"));
      await reads[i];
    };
    await end(0);
    await end(1);
    rest.advance(4 * SECOND);
    await end(2);
    await expect(cached.get("d")).rejects.toThrow("the next attempt is in 1000 ms");
    rest.advance(SECOND);
    const trial = cached.get("d");
    fates.get("d")!.resolve();
    expect(await trial).toBeNull();
  });
});
