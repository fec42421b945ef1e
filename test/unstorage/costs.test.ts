import createDriver from "@kvplug/unstorage";
import { expect, test } from "vitest";
import { useStandingClock } from "../support/clock.ts";
import { listAll } from "../support/namespace.ts";
import { TOKEN, useRest } from "../support/rest.ts";
import { openStorage } from "./support/grounds.ts";

const rest = useRest();
useStandingClock();
const keysOf = (count: number): string[] => Array.from({ length: count }, (_, i) => `key:${i}`);

/** How many requests a call takes. */
async function requestsOf(call: () => Promise<unknown>): Promise<number> {
  rest.server.requests.reset();
  await call();
  return rest.server.requests.total;
}

test("a hundred getItems are one request", async () => {
  const storage = openStorage({ kv: rest.kv });
  const keys = keysOf(100);
  expect(await requestsOf(() => storage.setItems(keys.map((key) => ({ key, value: key }))))).toBe(1);
  expect(await requestsOf(() => storage.getItems(keys))).toBe(1);
  expect(await requestsOf(() => Promise.all(keys.map((key) => storage.getItem(key))))).toBe(1);
  expect(await requestsOf(() => Promise.all(keys.map((key) => storage.hasItem(key))))).toBe(1);
  expect(await requestsOf(() => Promise.all(keys.map((key) => storage.setItem(key, "new"))))).toBe(1);
  expect(await requestsOf(() => Promise.all(keys.map((key) => storage.removeItem(key))))).toBe(1);
});

test("keys that are numbers share the request of the others", async () => {
  const storage = openStorage({ kv: rest.kv });
  expect(await requestsOf(() => storage.getItems(["a", "1", "0", "b"]))).toBe(1);
});

test("10,000 setItems are one request, their clear is eleven", async () => {
  const storage = openStorage({ kv: rest.kv, base: "app" });
  const items = keysOf(10_000).map((key) => ({ key, value: key }));
  expect(await requestsOf(() => storage.setItems(items))).toBe(1);
  expect(await requestsOf(() => storage.getKeys())).toBe(10);
  expect(await requestsOf(() => storage.clear())).toBe(11);
  expect(await listAll(rest.server.kv("test"))).toEqual([]);
});

test("each call alone", async () => {
  const storage = openStorage({ kv: rest.kv });
  expect(await requestsOf(() => storage.setItem("a", 1))).toBe(1);
  expect(await requestsOf(() => storage.getItem("a"))).toBe(1);
  expect(await requestsOf(() => storage.hasItem("a"))).toBe(1);
  expect(await requestsOf(async () => storage.getMeta("a", { nativeOnly: true }))).toBe(1);
  expect(await requestsOf(() => storage.setItemRaw("b", Uint8Array.of(255)))).toBe(1);
  expect(await requestsOf(() => storage.hasItem("b"))).toBe(1);
  expect(await requestsOf(() => storage.hasItem("none"))).toBe(1);
  expect(await requestsOf(async () => storage.getMeta("b", { nativeOnly: true }))).toBe(1);
  expect(await requestsOf(async () => storage.getMeta("none", { nativeOnly: true }))).toBe(1);
  // The bytes and the metadata have one each, at once.
  expect(await requestsOf(() => storage.getItemRaw("b"))).toBe(2);
  expect(await requestsOf(() => storage.getItemRaw("a"))).toBe(2);
  const hundred = Array.from({ length: 100 }, (_, i) => `raw:${i}`);
  await Promise.all(hundred.map((key) => storage.setItemRaw(key, key)));
  expect(await requestsOf(() => Promise.all(hundred.map((key) => storage.getItemRaw(key))))).toBe(1);
  expect(await requestsOf(() => storage.removeItem("a"))).toBe(1);
});

test("whether a key is there, and its meta, are told without its value", async () => {
  const storage = openStorage({ kv: rest.kv });
  await storage.setItem("a", "x".repeat(1_000_000), { ttl: 300, metadata: { by: "me" } });
  const received = rest.kv.stats().bytesReceived;
  expect(await storage.hasItem("a")).toBe(true);
  expect(await storage.getMeta("a", { nativeOnly: true })).toMatchObject({ ttl: 300, metadata: { by: "me" } });
  expect(rest.kv.stats().bytesReceived - received).toBeLessThan(1000);
});

test("what another hand wrote is asked for twice, since its metadata does not tell all", async () => {
  const storage = openStorage({ kv: rest.kv });
  await rest.server.kv("test").put("bare", "1");
  await rest.server.kv("test").put("labelled", "1", { expirationTtl: 100, metadata: { by: "hand" } });
  expect(await requestsOf(() => storage.hasItem("bare"))).toBe(2);
  expect(await requestsOf(() => storage.hasItem("labelled"))).toBe(1);
  expect(
    await requestsOf(async () => {
      const meta = await storage.getMeta("labelled", { nativeOnly: true });
      expect(meta).toEqual({ ttl: 100, expiration: expect.any(Number), metadata: { by: "hand" } });
    }),
  ).toBe(2);
});

test("with a cache what is known costs nothing", async () => {
  const storage = openStorage({ kv: rest.kv, cache: { max: 100, ttl: 60_000 } });
  await storage.setItem("a", 1);
  expect(await requestsOf(() => storage.getItem("a"))).toBe(0);
  expect(await requestsOf(() => storage.getItem("none"))).toBe(1);
  expect(await requestsOf(() => storage.getItem("none"))).toBe(0);
});

test("what is under way when the driver is disposed of comes to its end", async () => {
  const { server } = rest;
  const driver = createDriver({
    apiURL: server.url,
    accountId: server.account,
    namespaceId: server.namespaces[0]!.id,
    apiToken: TOKEN,
  });
  await driver.setItems(keysOf(1_500).map((key) => ({ key, value: key })));
  const calls = [
    driver.hasItem("key:1"),
    driver.getMeta("key:1"),
    driver.setItemRaw("blob", new Blob(["text"])),
    driver.getKeys("key").then((keys) => keys.length),
  ];
  const settled = Promise.all(calls);
  await driver.dispose();
  expect(await settled).toEqual([true, { mtime: expect.any(Date) }, undefined, 1_500]);
});

test("a namespace of the caller's is left open, and what was written has arrived", async () => {
  const driver = createDriver({ kv: rest.kv, cache: { max: 10 } });
  void driver.setItem("a", "1");
  await driver.dispose();
  expect(await rest.server.kv("test").get("a")).toBe("1");
  expect(await rest.kv.get("a")).toBe("1");
});

test("nothing is sent before the first call, and dispose settles what was written", async () => {
  const { server } = rest;
  const driver = createDriver({
    apiURL: server.url,
    accountId: server.account,
    namespaceId: server.namespaces[0]!.id,
    apiToken: TOKEN,
  });
  expect(server.requests.total).toBe(0);
  const written = driver.setItem("a", "1");
  await driver.dispose();
  expect(await server.kv("test").get("a")).toBe("1");
  await written;
  expect(await driver.getItem("a")).toBe("1");
  await driver.dispose();
});
