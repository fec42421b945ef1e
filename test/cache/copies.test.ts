import type { CachedKV } from "@kvplug/cache";
import type { KVPutOptions } from "@kvplug/core/seam";
import { describe, expect, test } from "vitest";
import { ALL_BYTES, bytesOf } from "../support/bytes.ts";
import { useCachedRest } from "../support/cached-rest.ts";

const now = (): number => Math.floor(Date.now() / 1000);

describe("what is kept", () => {
  const rest = useCachedRest();

  test("a copy lasts for its ttl, to the millisecond", async () => {
    await rest.elsewhere("a", "1");
    await rest.kv.get("a");
    await rest.elsewhere("a", "2");
    rest.advance(59_999);
    expect(await rest.kv.get("a")).toBe("1");
    rest.advance(1);
    expect(await rest.kv.get("a")).toBe("2");
  });

  test("a hit does not lengthen it", async () => {
    await rest.elsewhere("a", "1");
    for (let i = 0; i < 6; i++) {
      expect(await rest.kv.get("a")).toBe("1");
      rest.advance(10_000);
    }
    await rest.elsewhere("a", "2");
    expect(await rest.kv.get("a")).toBe("2");
  });

  test.for([
    ["a get", (kv) => kv.get("a")],
    ["a get of bytes", (kv) => kv.get("a", "arrayBuffer")],
    ["get(keys)", (kv) => kv.get(["a"])],
    ["a put until a moment", (kv) => kv.put("a", "1", { expiration: now() + 90 })],
    ["a put for a time", (kv) => kv.put("a", "1", { expirationTtl: 90 })],
  ] as [name: string, fill: (kv: CachedKV) => Promise<unknown>][])(
    "no copy of %s outlives its key, fresh or stale",
    async ([, fill]) => {
      const stale = { ttl: 10_000, staleWhileRevalidate: 3_600_000, staleIfError: 3_600_000 };
      for (const kv of [rest.open({ ttl: 3_600_000 }), rest.open(stale)]) {
        await rest.elsewhere("a", "1", { expiration: now() + 90 });
        await fill(kv);
        rest.fail();
        const rounded = (Date.now() % 1000) + 1;
        rest.advance(90_000 - rounded);
        expect(await kv.get("a")).toBe("1");
        rest.advance(rounded);
        await expect(kv.get("a")).rejects.toThrow("500");
        rest.recover();
        expect(await kv.get("a")).toBeNull();
      }
    },
  );

  test("it tells when its key expires", async () => {
    const expiration = now() + 600;
    await rest.elsewhere("read", "1", { expiration });
    await rest.kv.put("written", "1", { expiration });
    await rest.kv.put("lasting", "1", { expirationTtl: 600 });
    for (const key of ["read", "written", "lasting"]) {
      for (let i = 0; i < 2; i++) expect((await rest.kv.getWithMetadata(key)).expiration).toBe(expiration);
    }
  });

  test("metadata is kept with the value, whichever call brought it", async () => {
    const metadata = { by: ["Ada"], n: 0 };
    for (const key of ["a", "b", "c", "d"]) await rest.elsewhere(key, "1", { metadata });
    await rest.kv.get("a");
    await rest.kv.get(["b"]);
    await rest.kv.getWithMetadata("c", "arrayBuffer");
    await rest.kv.put("d", "1", { metadata });
    const { total } = rest.server.requests;
    for (const key of ["a", "b", "c", "d"]) {
      expect(await rest.kv.getWithMetadata(key)).toEqual({ value: "1", metadata, cacheStatus: null });
    }
    expect(rest.server.requests.total).toBe(total);
  });

  test("bytes that nobody wants metadata of come without, which is asked for when it is wanted", async () => {
    await rest.elsewhere("a", "1", { metadata: "m", expirationTtl: 60 });
    await rest.kv.get("a", "arrayBuffer");
    expect(rest.server.requests.byRoute).toEqual({ "GET /:namespace/values/:key": 1 });
    expect(await rest.kv.getWithMetadata("a")).toMatchObject({ value: "1", metadata: "m" });
    // The value again, by the same request, since it may be another one by now: both are of one write.
    expect(rest.server.requests.byRoute).toEqual({
      "GET /:namespace/values/:key": 1,
      "POST /:namespace/bulk/get": 1,
    });
  });

  test("text that is no UTF-8 is asked for again when somebody wants its bytes", async () => {
    await rest.store.put("a", ALL_BYTES);
    const text = new TextDecoder().decode(ALL_BYTES);
    expect(await rest.kv.get("a")).toBe(text);
    expect(new Uint8Array((await rest.kv.get("a", "arrayBuffer"))!)).toEqual(ALL_BYTES);
    const { total } = rest.server.requests;
    expect(await rest.kv.get("a")).toBe(text);
    expect(await rest.kv.get(["a"])).toEqual(new Map([["a", text]]));
    expect(new Uint8Array((await rest.kv.get("a", "arrayBuffer"))!)).toEqual(ALL_BYTES);
    expect(await bytesOf((await rest.kv.get("a", "stream"))!)).toEqual(ALL_BYTES);
    expect(rest.server.requests.total).toBe(total);
  });

  test("a stream of text that was read is not made of that text", async () => {
    await rest.store.put("a", ALL_BYTES);
    await rest.kv.get("a");
    expect(await bytesOf((await rest.kv.get("a", "stream"))!)).toEqual(ALL_BYTES);
  });
});

describe("what is handed out is the caller's own", () => {
  const rest = useCachedRest();
  const SOURCES = [
    ["what was read", () => rest.elsewhere("a", '{"n":[1]}', { metadata: { m: [1] } })],
    ["what was written", () => rest.kv.put("a", '{"n":[1]}', { metadata: { m: [1] } })],
    ["bytes that were written", () => rest.kv.put("a", Buffer.from('{"n":[1]}'), { metadata: { m: [1] } })],
  ] as const;

  test.for(SOURCES)("buffers of %s", async ([, fill]) => {
    await fill();
    for (let i = 0; i < 3; i++) {
      const bytes = new Uint8Array((await rest.kv.get("a", "arrayBuffer"))!);
      expect(Buffer.from(bytes).toString()).toBe('{"n":[1]}');
      bytes.fill(0);
      const { value } = await rest.kv.getWithMetadata("a", "arrayBuffer");
      structuredClone(value, { transfer: [value!] });
      for await (const chunk of (await rest.kv.get("a", "stream"))!) (chunk as Uint8Array).fill(0);
    }
    expect(await rest.kv.get("a")).toBe('{"n":[1]}');
  });

  test("buffers of all who waited for one read", async () => {
    await rest.elsewhere("a", "1");
    const [mine, yours] = await Promise.all([rest.kv.get("a", "arrayBuffer"), rest.kv.get("a", "arrayBuffer")]);
    new Uint8Array(mine!).fill(0);
    expect(Buffer.from(yours!).toString()).toBe("1");
    expect(await rest.kv.get("a")).toBe("1");
  });

  test.for(SOURCES)("JSON and metadata of %s", async ([, fill]) => {
    interface Value {
      n: number[];
    }
    interface Label {
      m: number[];
    }
    await fill();
    for (let i = 0; i < 3; i++) {
      const one = await rest.kv.getWithMetadata<Value, Label>("a", "json");
      const many = (await rest.kv.getWithMetadata<Value, Label>(["a"], "json")).get("a")!;
      for (const { value, metadata } of [one, many]) {
        expect({ value, metadata }).toEqual({ value: { n: [1] }, metadata: { m: [1] } });
        value!.n.push(2);
        metadata!.m.push(2);
      }
      (await rest.kv.get<Value>("a", "json"))!.n.push(3);
    }
  });

  test("what the caller does to its bytes and metadata after the put", async () => {
    const bytes = Buffer.from("1");
    const metadata = { m: 1 };
    const written = rest.kv.put("a", bytes, { metadata });
    bytes.fill(0);
    metadata.m = 2;
    expect(await rest.kv.getWithMetadata("a")).toMatchObject({ value: "1", metadata: { m: 1 } });
    await written;
    expect(await rest.kv.getWithMetadata("a")).toMatchObject({ value: "1", metadata: { m: 1 } });
  });
});

describe("bounds", () => {
  const rest = useCachedRest();

  test("max: the one that was used least recently goes", async () => {
    const kv = rest.open({ max: 2 });
    for (const key of ["a", "b", "c"]) await rest.elsewhere(key, key);
    await kv.get("a");
    await kv.get("b");
    await kv.get("a");
    await kv.get("c");
    const { total } = rest.server.requests;
    await kv.get("a");
    await kv.get("c");
    expect(rest.server.requests.total).toBe(total);
    await kv.get("b");
    expect(rest.server.requests.total).toBe(total + 1);
    expect(kv.stats()).toMatchObject({ entries: 2, evictions: 2 });
  });

  test("maxBytes: keys, values, metadata and each copy's own cost count", async () => {
    const kv = rest.open({ maxBytes: 10_000 });
    const cost = async (key: string, value: string, options: KVPutOptions = {}): Promise<number> => {
      kv.clearLocal();
      await kv.put(key, value, options);
      return kv.stats().bytes;
    };
    const own = (await cost("k", "")) - 1;
    expect(own).toBeGreaterThan(0);
    expect(await cost("k".repeat(500), "x".repeat(1000), { metadata: "m".repeat(100) })).toBe(own + 500 + 1000 + 102);

    kv.clearLocal();
    for (let i = 10; i < 30; i++) await kv.put(`key ${i}`, "x".repeat(1000));
    const held = Math.floor(10_000 / (own + 6 + 1000));
    expect(kv.stats()).toMatchObject({ entries: held, evictions: 20 - held, bytes: held * (own + 6 + 1000) });
  });

  test("a value above maxBytes passes through, and the figures show it", async () => {
    const kv = rest.open({ maxBytes: 1000 });
    const large = "x".repeat(1001);
    await rest.elsewhere("read", large);
    for (let i = 0; i < 2; i++) {
      expect(await kv.get("read")).toBe(large);
      expect((await kv.get("read", "arrayBuffer"))!.byteLength).toBe(1001);
      expect((await kv.get(["read"])).get("read")).toBe(large);
    }
    await kv.put("written", large);
    expect(await rest.stored("written")).toBe(large);
    expect(await kv.get("written")).toBe(large);
    expect(kv.stats()).toMatchObject({ entries: 0, bytes: 0, tooLarge: 8, evictions: 0 });
  });

  test("so does one above maxValueBytes, and it does not push the others out", async () => {
    const kv = rest.open({ maxBytes: 10_000, maxValueBytes: 100 });
    await kv.put("small", "x".repeat(100));
    await kv.put("large", "x".repeat(101));
    rest.server.requests.reset();
    await kv.get("small");
    expect(rest.server.requests.total).toBe(0);
    await kv.get("large");
    expect(rest.server.requests.total).toBe(1);
    expect(kv.stats()).toMatchObject({ entries: 1, tooLarge: 2 });
  });

  test("a value that became too large replaces the copy of the one before", async () => {
    const kv = rest.open({ maxValueBytes: 100 });
    await kv.put("a", "small");
    const large = "x".repeat(101);
    const written = kv.put("a", large);
    expect(await kv.get("a")).toBe(large);
    await written;
    expect(await kv.get("a")).toBe(large);
    await rest.elsewhere("b", "small");
    await kv.get("b");
    await rest.elsewhere("b", large);
    rest.advance(60_000);
    expect(await kv.get("b")).toBe(large);
    expect(kv.stats().entries).toBe(0);
  });
});
