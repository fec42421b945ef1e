import { describe, expect, test } from "vitest";
import { startWorker } from "./worker.ts";

const KEYS = Array.from({ length: 10_000 }, (_, i) => `key:${i}`);

describe("the driver in front of a gateway", () => {
  test("writes and deletes 10,000 keys in fifty requests each, once it knows the limits", async () => {
    const worker = await startWorker();
    const kv = worker.open();
    await kv.get("a");
    await Promise.all(KEYS.map((key) => kv.put(key, key)));
    expect(worker.operations).toEqual([1, ...Array<number>(50).fill(200)]);
    expect([...(await kv.get(KEYS.slice(9_990))).values()]).toEqual(KEYS.slice(9_990));
    worker.operations.length = 0;
    await kv.deleteMany(KEYS);
    expect(worker.operations).toEqual(Array(50).fill(200));
    expect((await worker.kv.list()).keys).toEqual([]);
    expect(kv.stats()).toMatchObject({ rateLimited: 0, retries: 0 });
    await kv.close();
  });

  test("loses nothing where its first request is such a bulk", async () => {
    const worker = await startWorker();
    const kv = worker.open();
    await kv.putMany(KEYS.slice(0, 2500).map((key) => ({ key, value: "1" })));
    expect(worker.operations[0]).toBe(1000);
    expect(worker.operations.reduce((sum, count) => sum + count)).toBe(2500);
    expect(kv.stats().requests).toBeLessThanOrEqual(12);
    await kv.close();
    expect((await worker.kv.list({ prefix: "key:", limit: 1000 })).list_complete).toBe(false);
  });

  test("sends no more bytes than a Worker takes", async () => {
    const worker = await startWorker();
    const kv = worker.open();
    const value = "x".repeat(900_000);
    // The first is refused as too large, and found out.
    await kv.putMany(KEYS.slice(0, 25).map((key) => ({ key, value })));
    const before = kv.stats().requests;
    await kv.putMany(KEYS.slice(25, 50).map((key) => ({ key, value })));
    expect(kv.stats().requests - before).toBe(3);
    expect((await worker.kv.list()).keys).toHaveLength(50);
    await kv.close();
  });

  test("reads in parts what is more than KV hands out at once", async () => {
    const worker = await startWorker({}, { maxBulkRead: 1000 });
    await Promise.all(KEYS.slice(0, 20).map((key) => worker.kv.put(key, key.padEnd(150, "."))));
    const kv = worker.open();
    const found = await kv.get(KEYS.slice(0, 20));
    expect([...found.values()]).toEqual(KEYS.slice(0, 20).map((key) => key.padEnd(150, ".")));
    await kv.close();
  });

  test("keeps no pace of its own", async () => {
    const worker = await startWorker();
    const kv = worker.open();
    for (let i = 0; i < 20; i++) await kv.put("a", String(i));
    expect(kv.stats()).toMatchObject({ requests: 20, waits: 0 });
    await kv.close();
  });

  test("leaves the pace of a key to the gateway, and sees no 429", async () => {
    const worker = await startWorker({}, { writeInterval: 300 });
    const kv = worker.open();
    for (const value of ["1", "2", "3"]) await kv.put("a", value);
    expect(await worker.kv.get("a")).toBe("3");
    expect(kv.stats()).toMatchObject({ requests: 3, rateLimited: 0 });
    await kv.close();
  });

  test("keeps a pace that its caller sets", async () => {
    const worker = await startWorker();
    const kv = worker.open({ writeInterval: 50, writeBurst: 1 });
    const began = performance.now();
    for (let i = 0; i < 3; i++) await kv.put("a", String(i));
    expect(worker.writtenAt).toHaveLength(3);
    // A slow machine takes longer, and none takes less than two intervals.
    expect(worker.writtenAt[2]! - began).toBeGreaterThan(99);
    await kv.close();
  });

  test("heeds nobody else: Cloudflare's own API tells no limits", async () => {
    const worker = await startWorker();
    const kv = worker.open({ baseURL: "https://api.cloudflare.com/client/v4" });
    await kv.get("a", { cacheTtl: 30 });
    await kv.get("a", { cacheTtl: 30 });
    await kv.putMany(KEYS.slice(0, 1500).map((key) => ({ key, value: "1" })));
    await kv.putMany(KEYS.slice(0, 1500).map((key) => ({ key, value: "2" })));
    // A bulk is one of all, of which this gateway does a thousand.
    expect(worker.operations.filter((count) => count === 1000)).toHaveLength(2);
    expect(kv.stats().retries).toBeGreaterThanOrEqual(1000);
    expect(worker.cacheTtls).toEqual([undefined, undefined]);
    await kv.close();
  });
});

describe("cacheTtl", () => {
  test("reaches the edge", async () => {
    const worker = await startWorker();
    const kv = worker.open();
    // Nothing is known of the other side before its first answer.
    await kv.get("a", { cacheTtl: 300 });
    await kv.get("a", { cacheTtl: 300 });
    await kv.getWithMetadata("a", { type: "json", cacheTtl: 3600 });
    await kv.get(["a", "b"], { cacheTtl: 30 });
    await kv.get("a", { type: "stream", cacheTtl: 86_400 });
    await kv.get("a");
    expect(worker.cacheTtls).toEqual([undefined, 300, 3600, 30, 86_400, undefined]);
    await kv.close();
  });

  test("of reads that share a request is the one which keeps all as fresh as they ask", async () => {
    const worker = await startWorker();
    const kv = worker.open();
    await kv.get("a");
    worker.cacheTtls.length = 0;
    const together = (...ttls: (number | undefined)[]): Promise<unknown> =>
      Promise.all(ttls.map((cacheTtl, i) => kv.get(`key:${i}`, cacheTtl === undefined ? {} : { cacheTtl })));
    await together(300, 30);
    await together(300, 600);
    await together(300, undefined);
    await together(30, undefined);
    await Promise.all([kv.get("a", { cacheTtl: 300 }), kv.get("a", { cacheTtl: 45 })]);
    expect(worker.cacheTtls).toEqual([30, 300, undefined, 30, 45]);
    await kv.close();
  });

  test.for([29, 0, -1, 60.5, Number.NaN, Number.POSITIVE_INFINITY, "60"])("of %s is refused", async (cacheTtl) => {
    const worker = await startWorker();
    const kv = worker.open();
    await expect(kv.get("a", { cacheTtl: cacheTtl as number })).rejects.toMatchObject({ code: "KV_INVALID" });
    expect(worker.operations).toEqual([]);
    await kv.close();
  });
});

test("a key outside of the token's prefixes fails alone", async () => {
  const worker = await startWorker({}, {}, { prefixes: ["a:"] });
  await worker.kv.put("a:1", "1");
  const kv = worker.open();
  const keys = ["a:1", "b:1", "a:2", "b:2", "a:3"];
  const outcomes = async (calls: Promise<unknown>[]): Promise<unknown[]> =>
    (await Promise.allSettled(calls)).map((one) => (one.status === "fulfilled" ? one.value : one.reason.code));
  expect(await outcomes(keys.map((key) => kv.get(key)))).toEqual(["1", "KV_AUTH", null, "KV_AUTH", null]);
  expect(await outcomes(keys.map((key) => kv.put(key, "2")))).toEqual([
    undefined,
    "KV_AUTH",
    undefined,
    "KV_AUTH",
    undefined,
  ]);
  expect(await outcomes(keys.map((key) => kv.delete(key)))).toEqual([
    undefined,
    "KV_AUTH",
    undefined,
    "KV_AUTH",
    undefined,
  ]);
  await expect(kv.putMany(keys.map((key) => ({ key, value: "3" })))).rejects.toMatchObject({
    code: "KV_BULK",
    keys: ["b:1", "b:2"],
  });
  expect((await worker.kv.list()).keys.map(({ name }) => name)).toEqual(["a:1", "a:2", "a:3"]);
  await kv.close();
});
