import { randomFillSync } from "node:crypto";
import { createClient, createKV } from "@kvplug/core";
import { createProxy } from "@kvplug/proxy";
import { expect, test } from "vitest";
import { ALL_BYTES } from "../support/bytes.ts";
import { eventually } from "../support/eventually.ts";
import { HeldFetch } from "../support/held-fetch.ts";
import { startProxied, type Proxied, type ProxySetup } from "../support/proxy.ts";

/** A proxy with one request upstream at a time, which the test holds. */
async function startHeld(
  setup: ProxySetup = {},
): Promise<Proxied & { held: HeldFetch; allAsk(count: number): Promise<void> }> {
  const held = new HeldFetch();
  const proxied = await startProxied({
    ...setup,
    upstream: { fetch: held.fetch, batch: { maxInFlight: 1 }, ...setup.upstream },
  });
  held.hold();
  // Those that are waited for are in the proxy, and the first of them is on its way upstream.
  const allAsk = async (count: number): Promise<void> => {
    await eventually(() => expect([proxied.proxy.stats().running, held.waiting]).toEqual([count, 1]));
    held.letGo();
  };
  return { ...proxied, held, allAsk };
}

test("single reads of any clients share bulk requests", async () => {
  await using proxied = await startHeld();
  const { server, ask, allAsk } = proxied;
  const keys = Array.from({ length: 301 }, (_, i) => `key ${i}`);
  const test = server.kv("test");
  for (const key of keys) await test.put(key, `value of ${key}`, { expirationTtl: 3600 });
  const reads = keys.map((key) => ask("GET", `/values/${encodeURIComponent(key)}`));
  await allAsk(keys.length);
  const answers = await Promise.all(reads);
  expect(answers.map(({ text }) => text)).toEqual(keys.map((key) => `value of ${key}`));
  for (const { headers } of answers)
    expect(Number(headers.get("expiration"))).toBeGreaterThan(Date.now() / 1000 + 3000);
  // The first one went alone.
  expect(server.requests.byRoute).toEqual({ "GET /:namespace/values/:key": 1, "POST /:namespace/bulk/get": 3 });
});

test("identical reads are asked for once", async () => {
  await using proxied = await startHeld();
  const { server, ask, allAsk } = proxied;
  await server.kv("test").put("hot", "1");
  const reads = Array.from({ length: 50 }, () => ask("GET", "/values/hot"));
  await allAsk(50);
  for (const { text } of await Promise.all(reads)) expect(text).toBe("1");
  expect(server.requests.total).toBe(2);
});

test("values that are no text fail no other, and share no request from then on", async () => {
  await using proxied = await startHeld();
  const { server, ask, held, allAsk } = proxied;
  const test = server.kv("test");
  const keys = Array.from({ length: 65 }, (_, i) => `key ${i}`);
  for (const key of keys) await test.put(key, key === "key 40" ? ALL_BYTES.buffer : key);
  const readAll = async (): Promise<void> => {
    held.hold();
    const reads = keys.map(async (key) => {
      const response = await fetch(proxied.at(`/values/${encodeURIComponent(key)}`));
      return new Uint8Array(await response.arrayBuffer());
    });
    await allAsk(keys.length);
    const values = await Promise.all(reads);
    for (const [i, key] of keys.entries())
      expect(values[i]).toEqual(key === "key 40" ? ALL_BYTES : new TextEncoder().encode(key));
  };
  await readAll();
  server.requests.reset();
  await readAll();
  expect(server.requests.total).toBe(3);
  expect((await ask("GET", "/metadata/key%2040")).status).toBe(200);
});

test("metadata are read with the values of others, and tell a key that is missing from one without", async () => {
  await using proxied = await startHeld();
  const { server, ask, allAsk } = proxied;
  const test = server.kv("test");
  await test.put("described", "1", { metadata: { n: 1 } });
  await test.put("plain", "2");
  const asked = ["/metadata/described", "/metadata/plain", "/metadata/missing", "/values/plain"].map((path) =>
    ask("GET", path),
  );
  await allAsk(4);
  const [described, plain, missing, value] = await Promise.all(asked);
  expect([described!.body.result, plain!.body.result, value!.text]).toEqual([{ n: 1 }, null, "2"]);
  expect([missing!.status, missing!.body.errors[0].code]).toEqual([404, 10009]);
  expect(server.requests.total).toBe(2);
});

test("writes of any clients gather, keep the order of each key, and are answered when upstream has confirmed them", async () => {
  await using proxied = await startHeld();
  const { server, ask, held, proxy } = proxied;
  const first = ask("PUT", "/values/first", { body: "1" });
  await eventually(() => expect(held.waiting).toBe(1));
  const writes = Array.from({ length: 100 }, (_, i) => ask("PUT", `/values/${i}`, { body: `value ${i}` }));
  await eventually(() => expect(proxy.stats().running).toBe(101));
  const bulk = ask("PUT", "/bulk", {
    body: JSON.stringify([
      { key: "0", value: "later" },
      { key: "bulk", value: "1" },
    ]),
  });
  await eventually(() => expect(proxy.stats().upstream.writtenKeys).toBe(103));
  expect(await server.kv("test").get("first")).toBeNull();
  held.letGo();
  expect((await Promise.all([first, bulk, ...writes])).map(({ status }) => status)).toEqual(Array(102).fill(200));
  expect(await server.kv("test").get("0")).toBe("later");
  expect(await server.kv("test").get("99")).toBe("value 99");
  expect((await bulk).body.result).toEqual({ successful_key_count: 2, unsuccessful_keys: [] });
  expect(server.requests.total).toBe(2);
});

test("a bulk write of which nothing could be done says why", async () => {
  await using proxied = await startProxied({
    server: { faults: { unsuccessfulKeys: 1 } },
    upstream: { writeInterval: 0, retry: { attempts: 3, minDelay: 1, maxDelay: 10 } },
  });
  const body = JSON.stringify([
    { key: "a", value: "1" },
    { key: "b", value: "1" },
  ]);
  const { status, body: answer } = await proxied.ask("PUT", "/bulk", { body });
  expect([status, answer.errors[0].code]).toEqual([502, 10001]);
  expect(answer.errors[0].message).toContain('did not process "a" in 3 attempts');
});

test("a value of 25 MiB passes both ways, byte for byte, and one byte more does not", async () => {
  await using proxied = await startProxied();
  const value = randomFillSync(new Uint8Array(25 * 1024 * 1024));
  expect((await proxied.ask("PUT", "/values/large", { body: value })).status).toBe(200);
  const read = await fetch(proxied.at("/values/large"));
  expect(Buffer.compare(new Uint8Array(await read.arrayBuffer()), value)).toBe(0);
  expect((await proxied.ask("PUT", "/values/large", { body: new Uint8Array(value.length + 1) })).status).toBe(413);
});

test("a driver in front keeps no budget and no pace of its own", async () => {
  await using proxied = await startProxied({ server: { rateLimit: { requests: 100, window: 60_000 } } });
  const { server, proxy, at } = proxied;
  await using client = createClient({ baseURL: proxy.url, accountId: server.account, apiToken: "any" });
  const kv = client.kv(server.namespaces[0]!.id);
  for (let i = 0; i < 5; i++) await kv.put("counter", String(i));
  expect(await kv.get("counter")).toBe("4");
  expect([client.isGateway(), client.budget()]).toEqual([true, undefined]);
  const { headers } = await fetch(at("/keys"));
  expect(headers.get("ratelimit-policy")).toBe('"default";q=100;w=60');
  const [, left] = /^"default";r=(\d+);t=\d+$/.exec(headers.get("ratelimit")!)!;
  expect(Number(left)).toBeGreaterThan(80);
  expect(Number(left)).toBeLessThan(100);
});

test("a proxy in front of a proxy is one more hop", async () => {
  await using inner = await startProxied({ proxy: { token: "of-the-inner-one" } });
  const { server, proxy } = inner;
  await using outer = await createProxy({
    upstream: { baseURL: proxy.url, accountId: server.account, apiToken: "of-the-inner-one" },
  });
  await using kv = createKV({
    baseURL: outer.url,
    accountId: server.account,
    namespaceId: server.namespaces[0]!.id,
    apiToken: "any",
  });
  await kv.put("a", "1", { metadata: 1, expirationTtl: 60 });
  expect(await kv.getWithMetadata("a")).toEqual({
    value: "1",
    metadata: 1,
    expiration: expect.any(Number),
    cacheStatus: null,
  });
  expect(await server.kv("test").get("a")).toBe("1");
});
