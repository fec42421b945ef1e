import { once } from "node:events";
import { openKV, type EmbeddedKV } from "@kvplug/server";
import { KVStore as ExpressStore } from "@kvplug/session/express";
import { KVStore as FastifyStore } from "@kvplug/session/fastify";
import { KVStore as KoaStore } from "@kvplug/session/koa";
import { Store } from "express-session";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

let kv: EmbeddedKV;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  kv = openKV();
});

afterEach(async () => {
  vi.useRealTimers();
  await kv.close();
});

const cookie = () => ({ originalMaxAge: null });

describe.each([
  ["Express", () => new ExpressStore(kv)],
  ["Fastify", () => new FastifyStore(kv)],
])("the store of %s", (_name, open) => {
  it("gives what it has to callbacks, and null for a missing session", async () => {
    const store = open();
    const told = (call: (callback: (...outcome: unknown[]) => void) => void): Promise<unknown[]> =>
      new Promise((resolve) => call((...outcome) => resolve(outcome)));
    expect(await told((callback) => store.get("one", callback))).toEqual([null, null]);
    expect(await told((callback) => store.set("one", { cookie: cookie() }, callback))).toEqual([null, undefined]);
    expect(await told((callback) => store.get("one", callback))).toEqual([null, { cookie: cookie() }]);
    expect(await told((callback) => store.destroy("one", callback))).toEqual([null, undefined]);
    expect(await told((callback) => store.get("one", callback))).toEqual([null, null]);
    const [error] = await told((callback) => store.set("x".repeat(600), { cookie: cookie() }, callback));
    expect(error).toMatchObject({ code: "KV_LIMIT" });
  });

  it("gives promises without callbacks", async () => {
    const store = open();
    await store.set("one", { cookie: cookie() });
    expect(await store.get("one")).toEqual({ cookie: cookie() });
    await store.destroy("one");
    expect(await store.get("one")).toBeNull();
    const told = once(store, "error");
    await expect(store.set("x".repeat(600), { cookie: cookie() })).rejects.toThrow("512 bytes");
    expect(await told).toMatchObject([{ code: "KV_LIMIT" }]);
  });

  it("ends no process by a promise that nobody looks at, and tells", async () => {
    const store = open();
    const told = once(store, "error");
    await kv.close();
    // As in `req.session.destroy()`, without a callback.
    store.destroy("one");
    expect(await told).toMatchObject([{ code: "KV_CLOSED" }]);
  });

  it("calls a callback once, though it throws", async () => {
    const store = open();
    let calls = 0;
    const before = process.rawListeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    const uncaught = once(process, "uncaughtException");
    store.get("one", () => {
      calls++;
      throw new Error("the application's own");
    });
    expect(await uncaught).toMatchObject([{ message: "the application's own" }, "uncaughtException"]);
    for (const listener of before) process.on("uncaughtException", listener as NodeJS.UncaughtExceptionListener);
    await store.close();
    expect(calls).toBe(1);
  });

  it("tells of a record that it cannot read", async () => {
    await kv.put("sess:one", "{");
    const store = open();
    const told = once(store, "error");
    expect(await store.get("one")).toBeNull();
    expect(await told).toMatchObject([{ code: "KV_VALUE" }]);
  });
});

describe("the store of Express", () => {
  it.each(['{"n":1}', '{"cookie":null}', '{"cookie":"x"}', "[]"])(
    "takes %s for no session: express-session would answer 500 for want of a cookie",
    async (record) => {
      await kv.put("sess:one", record);
      expect(await new ExpressStore(kv).get("one")).toBeNull();
    },
  );

  it("is a Store, and counts, lists and clears", async () => {
    const store = new ExpressStore(kv);
    expect(store).toBeInstanceOf(Store);
    await Promise.all(["one", "two"].map((id) => store.set(id, { cookie: cookie() })));
    expect(await store.length()).toBe(2);
    expect(await store.ids()).toEqual(["one", "two"]);
    expect(await store.all()).toEqual([
      { id: "one", cookie: cookie() },
      { id: "two", cookie: cookie() },
    ]);
    await store.clear();
    expect(await store.length()).toBe(0);
  });
});

describe("the store of Koa", () => {
  it("keeps what is the application's apart from what moves by itself", async () => {
    const store = new KoaStore(kv, { ttl: (session) => session.hours * 3600 });
    const end = Date.now() + 100_000;
    await store.set("one", { n: 1, _expire: end, _maxAge: 100_000 });
    expect(await store.get("one")).toEqual({ n: 1, _expire: end, _maxAge: 100_000 });
    await store.set("browser", { n: 1, hours: 2, _session: true });
    expect(await store.get("browser")).toEqual({ n: 1, hours: 2, _session: true });
    const { expiration } = await kv.getWithMetadata("sess:browser");
    expect(expiration).toBe(Math.floor(Date.now() / 1000) + 7200);
    expect(await store.get("none")).toBeUndefined();
  });

  it("keeps a session whose end is no date for ttl", async () => {
    const store = new KoaStore(kv, { ttl: 100 });
    await store.set("one", { n: 1, _expire: Number.NaN, _maxAge: Number.NaN });
    expect(await store.get("one")).toEqual({ n: 1 });
    const { expiration } = await kv.getWithMetadata("sess:one");
    expect(expiration).toBe(Math.floor(Date.now() / 1000) + 100);
  });
});
