import { withCache } from "@kvplug/cache";
import { createStores } from "@kvplug/cache-manager";
import { kvStore } from "@kvplug/cache-manager/v5";
import { createKV } from "@kvplug/core";
import { createKeyv, KeyvKV } from "@kvplug/keyv";
import { kvDriver } from "@kvplug/keyv/bentocache";
import { KeyvKV6 } from "@kvplug/keyv/v6";
import { caching } from "cache-manager-5";
import { createCache as createCache6 } from "cache-manager-6";
import { createCache as createCache7 } from "cache-manager-7";
import { Cacheable } from "cacheable";
import { Keyv as Keyv5 } from "keyv";
import { Keyv as Keyv6 } from "keyv6";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { useVirtualTime } from "../support/clock.ts";
import { errorOf } from "../support/errors.ts";
import { overlaid } from "../support/overlaid.ts";
import { startRest } from "../support/rest.ts";
import { silentKV } from "../support/silent-kv.ts";
import { SilentServer } from "../support/silent-server.ts";

// Nothing is waited for but timers: the server does not answer.
const time = useVirtualTime({ awaited: /^$/ });
let silent: SilentServer;
beforeAll(async () => {
  silent = await SilentServer.start();
});
afterAll(() => silent[Symbol.asyncDispose]());

/** What a call comes to, and how long it takes. */
async function timed<Result>(call: () => Promise<Result>): Promise<[result: Result, took: number]> {
  const began = time.now;
  return [await time.until(call()), time.now - began];
}

/** A little later: a namespace that takes no deadline is given up by the adapter. */
const atDeadline = (deadline: number): unknown =>
  expect.toSatisfy((took) => took >= deadline && took <= deadline + 200);

const keyvs: Record<string, (options?: object) => Pick<Keyv6, "get" | "getMany" | "has" | "on">> = {
  "Keyv 5": (options) => new Keyv5({ store: new KeyvKV({ ...silent.account, ...options }) }) as any,
  "Keyv 6": (options) => new Keyv6({ store: new KeyvKV({ ...silent.account, ...options }) }),
  "Keyv 6 by deadlines": (options) => new Keyv6({ store: new KeyvKV6({ ...silent.account, ...options }) }),
  "Keyv 5 behind a cache": (options) => {
    const layer = (kv: any): any => withCache(kv, { max: 10 });
    return new Keyv5({ store: new KeyvKV({ ...silent.account, layer, ...options }) }) as any;
  },
  "Keyv 5 over a namespace that takes no deadline": (options) =>
    new Keyv5({ store: new KeyvKV(silentKV(), options) }) as any,
};

describe.each(Object.entries(keyvs))("a silent server, and %s", (_name, open) => {
  it.each([
    [undefined, 5_000],
    [{ deadline: 300 }, 300],
  ])("answers misses, and an error each, with %o", async (options, deadline) => {
    const keyv = open(options);
    const errors: unknown[] = [];
    keyv.on("error", (error: unknown) => errors.push(error));
    expect(await timed(() => keyv.get("a"))).toEqual([undefined, atDeadline(deadline)]);
    expect(await timed(() => keyv.getMany(["a", "b"]))).toEqual([[undefined, undefined], atDeadline(deadline)]);
    expect(await timed(() => keyv.has("a"))).toEqual([false, atDeadline(deadline)]);
    expect(errors).toHaveLength(3);
    for (const error of errors) expect(error).toMatchObject({ code: "KV_TIMEOUT" });
  });
});

describe("a silent server", () => {
  it("lets go of what nobody waits for", async () => {
    const kv = createKV(silent.account);
    const store = new KeyvKV(kv);
    const error = await time.until(errorOf(store.get("a")));
    expect(error).toMatchObject({ code: "KV_TIMEOUT", key: "a" });
    // Else it would wait until the driver's own deadline.
    expect((await timed(() => kv.close()))[1]).toBeLessThan(1_000);
  });

  it.each([
    ["6", createCache6],
    ["7", createCache7],
  ])("costs cache-manager %s a few seconds, and wrap has its value", async (_version, createCache) => {
    const errors: unknown[] = [];
    const onError = (error: unknown): void => void errors.push(error);
    const cache = (createCache as typeof createCache7)({
      stores: createStores({ ...silent.account, deadline: 300, onError }),
    });
    expect(await timed(() => cache.wrap("a", () => "made"))).toEqual(["made", atDeadline(600)]);
    expect(await timed(() => cache.del("b"))).toEqual([true, atDeadline(300)]);
    expect(errors).toMatchObject([{ code: "KV_TIMEOUT" }]);
    // What is written goes on until the driver's own deadline, and is told of then.
    await time.until(new Promise((resolve) => setTimeout(resolve, 70_000)));
    expect(errors).toHaveLength(3);
    expect(errors.slice(1)).toEqual([expect.objectContaining({ key: "a" }), expect.objectContaining({ key: "b" })]);
  });

  it("is a miss of cache-manager 5 with onError, and an error without", async () => {
    const errors: unknown[] = [];
    const onError = (error: unknown): void => void errors.push(error);
    const cache = await caching(kvStore({ ...silent.account, deadline: 300, onError }));
    expect(await timed(() => cache.wrap("a", async () => "made"))).toEqual(["made", atDeadline(600)]);
    expect(errors).toMatchObject([{ code: "KV_TIMEOUT" }]);
    const store = kvStore({ ...silent.account, deadline: 300 });
    expect(await timed(() => errorOf(store.get("a")))).toEqual([
      expect.objectContaining({ code: "KV_TIMEOUT" }),
      atDeadline(300),
    ]);
    expect(await timed(() => store.set("a", 1))).toEqual([undefined, atDeadline(300)]);
  });

  it("holds neither cacheable nor BentoCache's driver for long", async () => {
    const secondary = createKeyv({ ...silent.account, deadline: 300 });
    expect(await timed(() => new Cacheable({ secondary }).get("a"))).toEqual([undefined, atDeadline(300)]);
    const driver = kvDriver({ ...silent.account, deadline: 300 }).factory({ prefix: "b" });
    expect((await timed(() => errorOf(driver.get("a"))))[1]).toEqual(atDeadline(300));
  });
});

describe("a deadline", () => {
  it("is none of a write's, nor of a delete's, which looks no longer", async () => {
    const { kv, close } = await startRest({ now: () => Date.now() });
    await kv.put("a", "1");
    const slowly = async (work: () => Promise<unknown>): Promise<any> => {
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      return work();
    };
    const slow = overlaid(kv, {
      put: (...call: Parameters<typeof kv.put>) => slowly(() => kv.put(...call)),
      getWithMetadata: (key: string) => slowly(() => kv.getWithMetadata(key)),
    });
    const store = new KeyvKV(slow, { deadline: 100 });
    const errors: unknown[] = [];
    store.on("error", (error) => errors.push(error));
    expect(await timed(() => store.delete("a"))).toEqual([true, atDeadline(100)]);
    expect(errors).toMatchObject([{ code: "KV_TIMEOUT" }]);
    expect(await timed(() => store.set("a", "2"))).toEqual([true, expect.toSatisfy((took) => took >= 2_000)]);
    await close();
  });

  it.each([5_000, Number.POSITIVE_INFINITY])(
    "of %d leaves a delete time after a look without an answer",
    async (deadline) => {
      const noMetadata: typeof fetch = (input, init) =>
        (input as string).includes("/metadata/")
          ? new Promise((_, reject) => init!.signal!.addEventListener("abort", () => reject(init!.signal!.reason)))
          : fetch(input, init);
      const { kv, server, close } = await startRest({ now: () => Date.now() }, { deadline: 2_000, fetch: noMetadata });
      await kv.put("a", "1");
      const store = new KeyvKV(kv, { deadline });
      const errors: unknown[] = [];
      store.on("error", (error) => errors.push(error));
      expect(await time.until(store.delete("a"))).toBe(true);
      expect(errors).toMatchObject([{ code: "KV_TIMEOUT", key: "a" }]);
      expect(await server.kv("test").get("a")).toBeNull();
      await time.until(close());
    },
  );

  it("is for all requests of a look: for the metadata, and for the value where there is none", async () => {
    const slowly = async (found: unknown): Promise<unknown> => {
      await new Promise((resolve) => setTimeout(resolve, 900));
      return found;
    };
    const slow = overlaid(silentKV(), { getWithMetadata: () => slowly({ value: "1", metadata: null }) });
    const store = new KeyvKV(Object.assign(slow, { findMetadata: () => slowly({ metadata: null }) }), {
      deadline: 1_000,
    });
    store.on("error", () => {});
    expect(await timed(() => store.has("a"))).toEqual([false, atDeadline(1_000)]);
  });

  it("of Infinity waits as long as the namespace does", async () => {
    const store = new KeyvKV({ ...silent.account, deadline: Number.POSITIVE_INFINITY });
    const [error, took] = await timed(() => errorOf(store.get("a")));
    expect(error.code).toBe("KV_TIMEOUT");
    expect(took).toBeGreaterThanOrEqual(60_000);
  });

  it.each([0, -1, Number.NaN, "5s", null])("of %s is refused", (deadline: any) => {
    expect(() => new KeyvKV(silentKV(), { deadline })).toThrow("deadline must be a number of milliseconds above 0");
    expect(() => createStores(silentKV(), { deadline })).toThrow("deadline must be a number of milliseconds above 0");
    expect(() => kvStore(silentKV(), { deadline })).toThrow("deadline must be a number of milliseconds above 0");
  });
});
