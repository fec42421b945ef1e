import { createToken, hashToken, type ProxyOptions, type ProxyToken } from "@kvplug/proxy";
import { describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { HeldFetch } from "../support/held-fetch.ts";
import { askURL, startProxied, type AskOptions, type Proxied, type ProxyAnswer } from "../support/proxy.ts";

/** A proxy with one request upstream at a time, which goes when the test lets it, and callers with tokens. */
async function startCallers(
  weights: Record<string, number>,
  cache: ProxyOptions["cache"],
): Promise<
  Proxied & {
    as(name: string, method: string, path: string, options?: AskOptions): Promise<ProxyAnswer>;
    /** Waits until so many calls are in the proxy. */
    arrived(calls: number): Promise<void>;
    /** Lets the one on its way go, and waits for the next one. */
    step(): Promise<void>;
    /** Lets all go, and returns the number of the last request upstream that holds what is given, counted from 1. */
    requestWith(text: RegExp): Promise<number>;
  }
> {
  const shown = Object.fromEntries(Object.keys(weights).map((name) => [name, createToken()]));
  const tokens: Record<string, ProxyToken> = {};
  for (const [name, weight] of Object.entries(weights))
    tokens[name] = { sha256: await hashToken(shown[name]!), access: "read-write", weight };
  const held = new HeldFetch();
  const proxied = await startProxied({
    upstream: { fetch: held.fetch, batch: { maxInFlight: 1, maxBytes: 20_000 } },
    proxy: { tokens, cache, patience: 110_000 },
    server: { namespaces: ["test", "other"].map((title) => ({ title, id: title })) },
  });
  held.hold();
  return {
    ...proxied,
    as: (name, method, path, options = {}) =>
      askURL(`${proxied.proxy.url}/accounts/local/storage/kv/namespaces${path}`, method, {
        ...options,
        headers: { authorization: `Bearer ${shown[name]}` },
      }),
    arrived: (calls) => eventually(() => expect([proxied.proxy.stats().running, held.waiting]).toEqual([calls, 1])),
    step() {
      const before = held.sent.length;
      held.letGo();
      held.hold();
      return eventually(() => expect([held.sent.length, held.waiting]).toEqual([before + 1, 1]));
    },
    async requestWith(text) {
      const before = held.sent.length - 1;
      held.letGo();
      await eventually(() => expect(proxied.proxy.stats().running).toBe(0));
      return held.sent.slice(before).findLastIndex((request) => text.test(request)) + 1;
    },
  };
}

const keysOf = (from: number, count = 100): string =>
  JSON.stringify({ keys: Array.from({ length: count }, (_, i) => `key ${from + i}`) });

/** One caller reads so many hundreds of keys at once. */
function exportOf(as: Awaited<ReturnType<typeof startCallers>>["as"], requests: number): Promise<ProxyAnswer>[] {
  return Array.from({ length: requests }, (_, i) => as("job", "POST", "/test/bulk/get", { body: keysOf(i * 100) }));
}

describe.for<[string, ProxyOptions["cache"]]>([
  ["without a cache", undefined],
  ["with a cache", { max: 100_000 }],
])("%s", ([, cache]) => {
  test("a login does not wait for the export of another, nor for one's own", async () => {
    await using callers = await startCallers({ job: 1, web: 1 }, cache);
    const { as, arrived, requestWith } = callers;
    const exported = exportOf(as, 50);
    await arrived(50);
    const logins = [as("web", "GET", "/test/values/session"), as("job", "GET", "/test/values/session")];
    await arrived(52);
    // Behind the one that is on its way. In the order of their calls it would be the 51st.
    expect(await requestWith(/session/)).toBe(2);
    expect((await Promise.all(logins)).map(({ status }) => status)).toEqual([404, 404]);
    expect((await Promise.all(exported)).map(({ status }) => status)).toEqual(Array(50).fill(200));
  });

  test("nor does it where the export is of another namespace, or one lists without an end", async () => {
    await using callers = await startCallers({ job: 1, web: 1 }, cache);
    const { as, arrived, requestWith } = callers;
    const jobs = Array.from({ length: 20 }, (_, i) => as("job", "POST", "/other/bulk/get", { body: keysOf(i * 100) }));
    const listings = Array.from({ length: 20 }, (_, i) => as("job", "GET", `/other/keys?prefix=${i}`));
    await arrived(40);
    const login = as("web", "GET", "/test/values/session");
    await arrived(41);
    expect(await requestWith(/session/)).toBe(2);
    expect((await login).status).toBe(404);
    expect((await Promise.all([...jobs, ...listings])).map(({ status }) => status)).toEqual(Array(40).fill(200));
  });

  test("a session is written before the rest of an import", async () => {
    await using callers = await startCallers({ job: 1, web: 1 }, cache);
    const { as, arrived, requestWith } = callers;
    const imports = Array.from({ length: 5 }, (_, part) => {
      const pairs = Array.from({ length: 1000 }, (_, i) => ({ key: `${part}:${i}`, value: "1" }));
      return as("job", "PUT", "/test/bulk", { body: JSON.stringify(pairs) });
    });
    await arrived(5);
    await eventually(() => expect(callers.proxy.stats().upstream.writtenKeys).toBe(5000));
    const session = as("web", "PUT", "/test/values/session", { body: "1" });
    await arrived(6);
    expect(await requestWith(/session/)).toBe(2);
    expect((await session).status).toBe(200);
    expect((await Promise.all(imports)).map(({ status }) => status)).toEqual(Array(5).fill(200));
  });

  test("jobs share by their weights", async () => {
    await using callers = await startCallers({ heavy: 3, light: 1, first: 1 }, cache);
    const { as, arrived, requestWith } = callers;
    const first = as("first", "GET", "/test/values/first");
    await arrived(1);
    const jobs = (name: string, from: number): Promise<ProxyAnswer>[] =>
      Array.from({ length: 8 }, (_, i) => as(name, "POST", "/test/bulk/get", { body: keysOf(from + i * 100) }));
    const light = jobs("light", 0);
    const heavy = jobs("heavy", 10_000);
    await arrived(17);
    // 75 keys of each request are of one, and 25 of the other: its 800 take 11, behind the first request.
    expect(await requestWith(/key 1\d{4}/)).toBe(12);
    for (const { status } of await Promise.all([...heavy, ...light])) expect(status).toBe(200);
    expect((await first).status).toBe(404);
  });

  test("a login does not wait for one that manages namespaces without an end", async () => {
    await using callers = await startCallers({ job: 0.01, web: 1 }, cache);
    const { as, arrived, requestWith } = callers;
    const jobs = Array.from({ length: 30 }, () => as("job", "GET", "/test"));
    await arrived(30);
    const login = as("web", "GET", "/test/values/session");
    await arrived(31);
    expect(await requestWith(/session/)).toBe(2);
    expect((await login).status).toBe(404);
    expect((await Promise.all(jobs)).map(({ status }) => status)).toEqual(Array(30).fill(200));
  });

  test("nor for an export of values that are not text, each of which is read by itself", async () => {
    await using callers = await startCallers({ job: 0.01, web: 1 }, cache);
    const { as, arrived, step, requestWith, server } = callers;
    const keys = Array.from({ length: 16 }, (_, i) => `bytes ${i}`);
    for (const key of keys) await server.kv("test").put(key, new Uint8Array([255]));
    const exported = as("job", "POST", "/test/bulk/get", { body: JSON.stringify({ keys }) });
    await arrived(1);
    await step();
    const login = as("web", "GET", "/test/values/session");
    await arrived(2);
    expect(await requestWith(/session/)).toBe(2);
    expect((await login).status).toBe(404);
    expect((await exported).status).toBe(400);
  });

  test("a key is a single one, whatever its name", async () => {
    await using callers = await startCallers({ job: 1, web: 1 }, cache);
    const { as, arrived, requestWith } = callers;
    const exported = exportOf(as, 20);
    await arrived(20);
    const login = as("job", "GET", "/test/values/session/keys");
    await arrived(21);
    expect(await requestWith(/session/)).toBe(2);
    expect((await login).status).toBe(404);
    await Promise.all(exported);
  });

  test("what an important program asks for comes soon, though a job has asked for it before", async () => {
    await using callers = await startCallers({ job: 1, web: 10 }, cache);
    const { as, arrived, requestWith } = callers;
    const exported = exportOf(as, 20);
    await arrived(20);
    const wanted = as("web", "POST", "/test/bulk/get", { body: keysOf(1999, 1) });
    await arrived(21);
    expect(await requestWith(/key 1999/)).toBe(2);
    expect((await wanted).status).toBe(200);
    await Promise.all(exported);
  });
});
