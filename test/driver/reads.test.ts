import { MAX_VALUE_BYTES } from "@kvplug/core/seam";
import { describe, expect, test } from "vitest";
import { ALL_BYTES, bytesOf } from "../support/bytes.ts";
import { useRest } from "../support/rest.ts";

const NOT_TEXT = Uint8Array.of(0xff, 0x00, 0xfe);

describe("reads of the driver, and what they cost", () => {
  const rest = useRest();

  /** What a call asks of the server, by route. */
  async function cost(call: () => Promise<unknown>): Promise<Record<string, number>> {
    rest.server.requests.reset();
    await call();
    return rest.server.requests.byRoute;
  }

  const VALUE = "GET /:namespace/values/:key";
  const METADATA = "GET /:namespace/metadata/:key";
  const BULK = "POST /:namespace/bulk/get";

  test("get costs one request in every type", async () => {
    await rest.kv.put("a", "1", { metadata: 1 });
    for (const type of ["text", "json", "arrayBuffer"] as const) {
      expect(await cost(() => rest.kv.get("a", type as "text"))).toEqual({ [VALUE]: 1 });
    }
    expect(await cost(async () => bytesOf((await rest.kv.get("a", "stream"))!))).toEqual({ [VALUE]: 1 });
    expect(await cost(() => rest.kv.get("missing"))).toEqual({ [VALUE]: 1 });
  });

  test("getWithMetadata of text costs one, and of bytes two at once, whatever they are", async () => {
    await rest.kv.put("a", "1", { metadata: 1 });
    await rest.kv.put("b", NOT_TEXT, { metadata: 1 });
    for (const key of ["a", "b", "missing"]) {
      expect(await cost(() => rest.kv.getWithMetadata(key, "arrayBuffer"))).toEqual({ [VALUE]: 1, [METADATA]: 1 });
    }
    for (const type of ["text", "json"] as const) {
      expect(await cost(() => rest.kv.getWithMetadata("a", type as "text"))).toEqual({ [BULK]: 1 });
    }
    expect(await cost(() => rest.kv.getWithMetadata("missing"))).toEqual({ [BULK]: 1 });
  });

  test("getWithMetadata of bytes, and of a stream", async () => {
    const expiration = Math.floor(Date.now() / 1000) + 3600;
    await rest.kv.put("a", ALL_BYTES, { metadata: { n: 1 }, expiration });
    const bytes = await rest.kv.getWithMetadata("a", "arrayBuffer");
    expect(bytes).toEqual({ value: ALL_BYTES.buffer, metadata: { n: 1 }, expiration, cacheStatus: null });
    const { value, ...rest_ } = await rest.kv.getWithMetadata("a", "stream");
    expect(rest_).toEqual({ metadata: { n: 1 }, expiration, cacheStatus: null });
    expect(await bytesOf(value!)).toEqual(ALL_BYTES);
  });

  test("bytes that are asked for in one turn share a request, where they are text", async () => {
    const expiration = Math.floor(Date.now() / 1000) + 3600;
    await rest.kv.put("a", "1", { metadata: 1, expiration });
    await rest.kv.put("b", "2");
    const read = (): Promise<unknown> =>
      Promise.all(["a", "b", "missing"].map((key) => rest.kv.getWithMetadata(key, "arrayBuffer")));
    expect(await read()).toEqual([
      { value: new TextEncoder().encode("1").buffer, metadata: 1, expiration, cacheStatus: null },
      { value: new TextEncoder().encode("2").buffer, metadata: null, cacheStatus: null },
      { value: null, metadata: null, cacheStatus: null },
    ]);
    expect(await cost(read)).toEqual({ [BULK]: 1 });
  });

  test("a value that grows in JSON is read by itself", async () => {
    // As JSON it would be 150 MB.
    const value = "\u0007".repeat(MAX_VALUE_BYTES);
    await rest.kv.put("a", value, { metadata: 1 });
    let entry: unknown;
    const requests = await cost(async () => {
      entry = await rest.kv.getWithMetadata("a");
    });
    expect(requests).toEqual({ [BULK]: 1, [VALUE]: 1, [METADATA]: 1 });
    expect((entry as { value: string }).value === value).toBe(true);
    expect(entry).toMatchObject({ metadata: 1 });
  });

  test("getWithMetadata tells the expiration, and nothing where there is none", async () => {
    const expiration = Math.floor(Date.now() / 1000) + 3600;
    await rest.kv.put("short", "1", { expiration });
    await rest.kv.put("long", "1");
    expect(await rest.kv.getWithMetadata("short")).toEqual({
      value: "1",
      metadata: null,
      expiration,
      cacheStatus: null,
    });
    expect(await rest.kv.getWithMetadata("long")).toEqual({ value: "1", metadata: null, cacheStatus: null });
  });

  test("getMetadata reads no value", async () => {
    await rest.kv.put("a", ALL_BYTES, { metadata: [1, null] });
    await rest.kv.put("b", "1");
    expect(await cost(async () => expect(await rest.kv.getMetadata("a")).toEqual([1, null]))).toEqual({
      [METADATA]: 1,
    });
    expect(await rest.kv.getMetadata("b")).toBeNull();
    expect(await rest.kv.getMetadata("missing")).toBeNull();
  });

  test("metadata with a key named __proto__", async () => {
    const metadata: unknown = JSON.parse('{"__proto__": {"admin": true}}');
    await rest.kv.put("a", "1", { metadata });
    const read = await rest.kv.getMetadata<object>("a");
    expect(JSON.stringify(read)).toBe('{"__proto__":{"admin":true}}');
    expect("admin" in read!).toBe(false);
  });

  test("250 keys cost three requests, each key asked for once", async () => {
    const keys = Array.from({ length: 250 }, (_, i) => `key ${i}`);
    await rest.kv.putMany(keys.filter((_, i) => i % 2 === 0).map((key) => ({ key, value: `value of ${key}` })));
    let found: Map<string, string | null> | undefined;
    expect(await cost(async () => (found = await rest.kv.get([...keys, ...keys])))).toEqual({ [BULK]: 3 });
    expect([...found!]).toEqual(keys.map((key, i) => [key, i % 2 === 0 ? `value of ${key}` : null]));
  });

  test("one value among 250 that is no text is found by halving, and harms no other", async () => {
    const keys = Array.from({ length: 250 }, (_, i) => `key ${i}`);
    await rest.kv.putMany(keys.map((key) => ({ key, value: key, metadata: key })));
    await rest.kv.put("key 123", NOT_TEXT, { metadata: "bytes" });
    let found: Awaited<ReturnType<typeof rest.kv.getWithMetadata>> | undefined;
    const asked = await cost(async () => (found = (await rest.kv.getWithMetadata(keys)) as never));
    const entries = found as unknown as Map<string, { value: string; metadata: unknown }>;
    expect([...entries.keys()]).toEqual(keys);
    for (const [key, { value, metadata }] of entries) {
      if (key === "key 123") expect({ value, metadata }).toEqual({ value: "\ufffd\0\ufffd", metadata: "bytes" });
      else expect({ value, metadata }).toEqual({ value: key, metadata: key });
    }
    // The two other batches, and two for each halving of a hundred; what is alone is not read in bulk.
    expect(asked[VALUE]).toBeLessThanOrEqual(3);
    expect(asked[METADATA]).toBe(asked[VALUE]);
    expect(asked[BULK]).toBeLessThanOrEqual(2 + 1 + 2 * Math.ceil(Math.log2(100)));
  });

  test("values that are too much for one bulk read come in several", async () => {
    const value = "x".repeat(12 * 1024 * 1024);
    const keys = ["a", "b", "c"];
    for (const key of keys) await rest.kv.put(key, value);
    const found = await rest.kv.get(keys);
    for (const key of keys) expect(found.get(key) === value).toBe(true);
  });

  test("json that is none names the key, and tells nothing of the value", async () => {
    await rest.kv.put("a", "secret {");
    for (const read of [rest.kv.get("a", "json"), rest.kv.getWithMetadata("a", "json"), rest.kv.get(["a"], "json")]) {
      const error = await read.then(
        () => expect.unreachable(),
        (reason: unknown) => reason as Error,
      );
      expect(error).toMatchObject({ code: "KV_VALUE", key: "a" });
      expect(error.message).toContain('"a"');
      expect(`${error.message}${error.stack}${JSON.stringify(error)}`).not.toContain("secret");
    }
  });

  test("bytes that are no text keep their byte order mark, read as text among others", async () => {
    await rest.kv.put("a", Uint8Array.of(0xef, 0xbb, 0xbf, 0xff));
    expect((await rest.kv.get(["a"])).get("a")).toBe("\ufeff\ufffd");
    expect((await rest.kv.getWithMetadata("a")).value).toBe("\ufeff\ufffd");
  });

  test("a stream may be left unread", async () => {
    await rest.kv.put("a", new Uint8Array(1024 * 1024));
    const stream = (await rest.kv.get("a", "stream"))!;
    await stream.cancel();
    expect((await rest.kv.get("a", "arrayBuffer"))!.byteLength).toBe(1024 * 1024);
  });
});
