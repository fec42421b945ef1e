import { inspect } from "node:util";
import { createClient, KVBulkError, type KVError, type KVRetryOptions } from "@kvplug/core";
import { describe, expect, test } from "vitest";
import { bytesOf, streamOf } from "../support/bytes.ts";
import { collect } from "../support/collect.ts";
import { errorOf } from "../support/errors.ts";
import { listAll } from "../support/namespace.ts";
import { accountOf, startRest, useRest } from "../support/rest.ts";

const QUICK: KVRetryOptions = { minDelay: 1, maxDelay: 5 };
const UNTIRING: KVRetryOptions = { ...QUICK, attempts: 100 };

describe.for([
  ["errors", { errors: 0.4 }],
  ["dropped connections", { drops: 0.4 }],
  ["pages of HTML", { html: 0.4 }],
  ["all of it, and keys that fail", { errors: 0.2, drops: 0.2, html: 0.1, unsuccessfulKeys: 0.3 }],
] as const)("among %s, nothing is lost", ([, faults]) => {
  const rest = useRest({ faults, seed: 20 }, { retry: UNTIRING });

  test("single calls", async () => {
    const keys = Array.from({ length: 30 }, (_, i) => `key ${i}`);
    await Promise.all(keys.map((key) => rest.kv.put(key, `value of ${key}`, { metadata: key })));
    expect(await Promise.all(keys.map((key) => rest.kv.get(key)))).toEqual(keys.map((key) => `value of ${key}`));
    expect(await Promise.all(keys.map((key) => rest.kv.getMetadata(key)))).toEqual(keys);
    for (const key of keys) expect((await rest.kv.getWithMetadata(key)).metadata).toBe(key);
    await Promise.all(keys.slice(10).map((key) => rest.kv.delete(key)));
    expect((await rest.kv.list({ limit: 3 })).keys).toHaveLength(3);
    const left = await collect(rest.kv.keys());
    expect(left.map(({ name }) => name)).toEqual(keys.slice(0, 10).toSorted());
    expect(rest.kv.stats().retries).toBeGreaterThan(0);
  });

  test("bulk calls", async () => {
    const pairs = Array.from({ length: 500 }, (_, i) => ({ key: `key ${i}`, value: String(i), metadata: i }));
    await rest.kv.putMany(pairs);
    const found = await rest.kv.get(pairs.map(({ key }) => key));
    expect([...found]).toEqual(pairs.map(({ key, value }) => [key, value]));
    await rest.kv.deleteMany(pairs.slice(5).map(({ key }) => key));
    const left = await listAll(rest.server.kv("test"));
    expect(left.map(({ name }) => name)).toEqual(["key 0", "key 1", "key 2", "key 3", "key 4"]);
    expect(await rest.kv.clear()).toBe(5);
  });

  test("a stream begins anew until its answer begins", async () => {
    const value = new Uint8Array(300_000).fill(7);
    await rest.server.kv("test").put("a", value);
    for (let i = 0; i < 10; i++) {
      const stream = (await rest.kv.get("a", "stream"))!;
      const outcome = await bytesOf(stream).catch((error: unknown) => error);
      // Only a connection that breaks within a stream reaches who reads it.
      if ("drops" in faults && outcome instanceof Error)
        expect(outcome).toMatchObject({ code: "KV_NETWORK", key: "a" });
      else expect(Buffer.compare(outcome as Uint8Array, value)).toBe(0);
    }
  });
});

describe("what keeps failing", () => {
  describe("with errors", () => {
    const rest = useRest({ faults: { errors: 1 } }, { retry: { ...QUICK, attempts: 4 } });

    test("a call is tried as often as `attempts` says", async () => {
      expect(await errorOf(rest.kv.get("a"))).toMatchObject({ code: "KV_API", key: "a", errors: [{ code: 10001 }] });
      expect(rest.server.requests.total).toBe(4);
    });

    test("six times by default, and once without `retry`", async () => {
      for (const [retry, attempts] of [
        [{ ...QUICK }, 6],
        [false, 1],
        [{ attempts: 1 }, 1],
      ] as const) {
        await using client = createClient({ ...accountOf(rest.server), retry });
        rest.server.requests.reset();
        await errorOf(client.kv(rest.server.namespaces[0]!.id).get("a"));
        expect(rest.server.requests.total).toBe(attempts);
      }
    });

    test("the creation of a namespace is not tried again: it may have happened", async () => {
      expect(await errorOf(rest.client.namespaces.create("new"))).toMatchObject({ code: "KV_API" });
      expect(rest.server.requests.byRoute).toEqual({ "POST /": 1 });
    });

    test("a stream is not sent again: it is used up", async () => {
      await errorOf(rest.kv.put("a", streamOf(Uint8Array.of(1))));
      expect(rest.server.requests.total).toBe(1);
    });
  });

  test("a page of HTML is told as such, and not shown", async () => {
    const { kv, close } = await startRest({ faults: { html: 1 } }, { retry: false });
    const error = await errorOf(kv.list());
    await close();
    expect(error.code).toBe("KV_NETWORK");
    expect(error.httpStatus).toBeGreaterThanOrEqual(502);
    expect(error.message).toContain("HTML");
    expect(error.message).not.toContain("<");
  });

  test("a connection that breaks", async () => {
    const { kv, server, close } = await startRest({ faults: { drops: 1 } }, { retry: { ...QUICK, attempts: 3 } });
    const error = await errorOf(kv.put("a", "1"));
    const { total } = server.requests;
    await close();
    expect(error).toMatchObject({ code: "KV_NETWORK", key: "a", method: "PUT" });
    expect(error.cause).toBeInstanceOf(Error);
    expect(total).toBe(3);
  });
});

describe("keys that fail in a bulk request", () => {
  const sent: string[][] = [];
  const recording: typeof fetch = (url, init) => {
    const body = JSON.parse(init!.body as string) as (string | { key: string })[];
    sent.push(body.map((item) => (typeof item === "string" ? item : item.key)));
    return fetch(url, init);
  };
  const rest = useRest({ faults: { unsuccessfulKeys: 0.5 } }, { retry: { ...QUICK, attempts: 3 }, fetch: recording });
  const keys = Array.from({ length: 64 }, (_, i) => `key ${i}`);

  test("are sent again, alone, and those that still fail are told", async () => {
    sent.length = 0;
    const error = await errorOf(rest.kv.putMany(keys.map((key) => ({ key, value: key }))));
    expect(error).toBeInstanceOf(KVBulkError);
    expect(error.code).toBe("KV_BULK");
    const failed = (error as unknown as KVBulkError).keys;
    expect(error.message).toContain(String(failed.length));
    expect(error.message).toContain(failed[0]);
    const { reasons } = error as unknown as KVBulkError;
    expect([...reasons].map(([key, reason]) => [key, (reason as KVError).key])).toEqual(
      failed.map((key) => [key, key]),
    );
    expect(reasons.get(failed[0]!)).toBe(error.cause);
    // A log of ten thousand keys would be no use to anybody.
    expect(inspect(error, { depth: 10 })).not.toContain(`put of "${failed[1]}"`);

    const written = new Set((await listAll(rest.server.kv("test"))).map(({ name }) => name));
    expect(failed).toEqual(keys.filter((key) => !written.has(key)));
    expect(sent).toHaveLength(3);
    expect(sent[0]).toEqual(keys);
    for (const [before, after] of [
      [sent[0]!, sent[1]!],
      [sent[1]!, sent[2]!],
    ]) {
      expect(after!.length).toBeLessThan(before!.length);
      expect(before).toEqual(expect.arrayContaining(after!));
    }
  });

  test("of a bulk delete as well", async () => {
    for (const key of keys) await rest.server.kv("test").put(key, key);
    sent.length = 0;
    const error = (await errorOf(rest.kv.deleteMany(keys))) as unknown as KVBulkError;
    expect(error).toBeInstanceOf(KVBulkError);
    const left = (await listAll(rest.server.kv("test"))).map(({ name }) => name);
    expect(error.keys.toSorted()).toEqual(left);
    expect(sent.map((body) => body.length)).toEqual([64, expect.any(Number), expect.any(Number)]);
    expect(sent[1]!.length).toBeLessThan(64);
  });

  test("are sent again together, however long the process takes to look at them", async () => {
    const all = await startRest({ faults: { unsuccessfulKeys: 1 } }, { retry: { ...QUICK, attempts: 3 } });
    const { now } = performance;
    let looks = 0;
    // It stops for a moment at each fifty-first look.
    performance.now = () => now.call(performance) + 10 * Math.floor(looks++ / 51);
    try {
      const error = await errorOf(all.kv.putMany(keys.map((key) => ({ key, value: key }))));
      expect((error as unknown as KVBulkError).keys).toEqual(keys);
      expect(all.kv.stats()).toMatchObject({ requests: 3, retries: 2 * keys.length });
    } finally {
      performance.now = now;
      await all.close();
    }
  });
});
