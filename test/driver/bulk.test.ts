import { createKV, type KVPair } from "@kvplug/core";
import { describe, expect, test } from "vitest";
import { ALL_BYTES } from "../support/bytes.ts";
import { listAll } from "../support/namespace.ts";
import { accountOf, useRest } from "../support/rest.ts";
import { UNUSUAL_KEYS, UNUSUAL_TEXTS } from "../support/unusual.ts";
import { VirtualTime } from "../support/virtual-time.ts";
import { refusal, unsuccessful } from "../support/wire.ts";

const PUT = "PUT /:namespace/bulk";
const DELETE = "POST /:namespace/bulk/delete";

const nameOf = (i: number): string => `key/${String(i).padStart(5, "0")}`;

describe("bulk writes and deletes of the driver", () => {
  const rest = useRest();

  const inStore = async (): Promise<string[]> => (await listAll(rest.server.kv("test"))).map(({ name }) => name);

  test("12,000 pairs and 12,000 keys cost two requests each", async () => {
    const pairs = Array.from({ length: 12_000 }, (_, i) => ({ key: nameOf(i), value: `value ${i}` }));
    await rest.kv.putMany(pairs);
    expect(rest.server.requests.byRoute).toEqual({ [PUT]: 2 });
    expect(await inStore()).toEqual(pairs.map(({ key }) => key));
    expect(await rest.kv.get(nameOf(11_999))).toBe("value 11999");

    rest.server.requests.reset();
    await rest.kv.deleteMany(pairs.map(({ key }) => key));
    expect(rest.server.requests.byRoute).toEqual({ [DELETE]: 2 });
    expect(await inStore()).toEqual([]);
  });

  test("10,000 make one request, 10,001 two", async () => {
    const keys = Array.from({ length: 10_001 }, (_, i) => nameOf(i));
    await rest.kv.deleteMany(keys.slice(1));
    expect(rest.server.requests.byRoute).toEqual({ [DELETE]: 1 });
    await rest.kv.deleteMany(keys);
    // The one that is left over goes alone.
    expect(rest.server.requests.byRoute).toEqual({ [DELETE]: 2, "DELETE /:namespace/values/:key": 1 });
  });

  test("nothing to write is no request", async () => {
    await rest.kv.putMany([]);
    await rest.kv.deleteMany([]);
    expect(rest.server.requests.total).toBe(0);
  });

  test("keys, values, metadata and expirations as they were given", async () => {
    const expiration = Math.floor(Date.now() / 1000) + 3600;
    const pairs: KVPair[] = [
      ...UNUSUAL_KEYS.map((key) => ({ key, value: `value of ${key}` })),
      ...UNUSUAL_TEXTS.map((value, i) => ({ key: `text ${i}`, value, metadata: value })),
      { key: "control characters", value: "\u0001".repeat(1000) },
      { key: "marked", value: "\ufeffmark" },
      { key: "buffer", value: ALL_BYTES.buffer },
      { key: "view", value: ALL_BYTES.subarray(250), metadata: { n: 1 } },
      { key: "words", value: new Uint16Array([0xffff, 1]) },
      { key: "expiring", value: "1", expiration },
      { key: "short", value: "1", expirationTtl: 60, metadata: null },
    ];
    await rest.kv.putMany(pairs);
    expect(rest.server.requests.byRoute).toEqual({ [PUT]: 1 });
    const store = rest.server.kv("test");
    for (const { key, value, metadata = null } of pairs) {
      const entry = await store.getWithMetadata(key, "arrayBuffer");
      const bytes =
        typeof value === "string" ? Buffer.from(value) : ArrayBuffer.isView(value) ? value : new Uint8Array(value);
      expect(Buffer.from(entry.value!).equals(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))).toBe(
        true,
      );
      expect(entry.metadata).toEqual(metadata);
    }
    expect((await store.getWithMetadata("expiring")).expiration).toBe(expiration);
    expect((await store.getWithMetadata("short")).expiration).toBeLessThan(expiration);
  });

  test("an expiration that came too near before another attempt is as near as KV allows", async () => {
    using time = new VirtualTime();
    const bodies: object[] = [];
    const kv = createKV({
      ...accountOf(rest.server),
      namespaceId: "n",
      retry: { minDelay: 1, maxDelay: 1 },
      fetch: async (_, init) => {
        bodies.push(JSON.parse(init!.body as string));
        await new Promise<void>((resolve) => time.at(time.now + 5000, resolve));
        return bodies.length === 1 ? refusal(500, 10_001) : unsuccessful([], { keys: ["a", "b"] });
      },
    });
    const expiration = Math.ceil(Date.now() / 1000) + 62;
    time.at(0, () => void kv.putMany(["a", "b"].map((key) => ({ key, value: "1", expiration }))));
    await time.run();
    expect(bodies).toMatchObject([
      [{ expiration }, { expiration }],
      [{ expiration_ttl: 60 }, { expiration_ttl: 60 }],
    ]);
  });

  test("the last pair of a key counts", async () => {
    await rest.kv.putMany([
      { key: "a", value: "1", metadata: 1 },
      { key: "b", value: "1" },
      { key: "a", value: "2" },
    ]);
    expect(await rest.kv.getWithMetadata("a")).toMatchObject({ value: "2", metadata: null });
    const many = Array.from({ length: 20_001 }, (_, i) => ({ key: nameOf(i % 10_001), value: String(i) }));
    await rest.kv.putMany(many);
    expect(await rest.kv.get(nameOf(0))).toBe("10001");
    expect(await rest.kv.get(nameOf(9999))).toBe("20000");
    expect(await rest.kv.get(nameOf(10_000))).toBe("10000");
  });

  test("iterables, of either kind", async () => {
    await rest.kv.putMany(new Set([{ key: "a", value: "1" }]));
    await rest.kv.putMany(
      (async function* () {
        yield { key: "b", value: "2" };
        yield { key: "c", value: "3" };
      })(),
    );
    expect(await inStore()).toEqual(["a", "b", "c"]);
    await rest.kv.deleteMany(new Map([["a", 1]]).keys());
    await rest.kv.deleteMany(
      (async function* () {
        yield "b";
      })(),
    );
    expect(await inStore()).toEqual(["c"]);
  });

  test("what an iterable throws is passed on as it is", async () => {
    const thrown = new Error("of the caller");
    const pairs = (async function* () {
      yield { key: "a", value: "1" };
      throw thrown;
    })();
    await expect(rest.kv.putMany(pairs)).rejects.toBe(thrown);
  });
});
