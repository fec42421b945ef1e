import { withCache } from "@kvplug/cache";
import { openKV } from "@kvplug/server";
import { describe, expect, test } from "vitest";
import { streamOf, textOf } from "../support/bytes.ts";
import { useCachedRest } from "../support/cached-rest.ts";
import { errorOf } from "../support/errors.ts";
import { eventually } from "../support/eventually.ts";

describe("writes go through", () => {
  const rest = useCachedRest();
  const { wire } = rest;

  /** A read that the server has answered, and whose answer has yet to arrive. */
  async function late<Found>(read: () => Promise<Found>): Promise<{ reading: Promise<Found>; arrive: () => void }> {
    const { answered } = wire;
    const { promise, resolve } = Promise.withResolvers<void>();
    wire.answersWaitFor = promise;
    const reading = read();
    await eventually(() => expect(wire.answered).toBe(answered + 1));
    wire.answersWaitFor = undefined;
    return { reading, arrive: resolve };
  }

  test("a put is what the next read finds, without a request", async () => {
    await rest.kv.put("a", "1", { metadata: { m: 1 } });
    expect(await rest.stored("a")).toBe("1");
    const { total } = rest.server.requests;
    expect(await rest.kv.getWithMetadata("a")).toEqual({ value: "1", metadata: { m: 1 }, cacheStatus: null });
    await rest.kv.delete("a");
    expect(await rest.stored("a")).toBeNull();
    expect(await rest.kv.get("a")).toBeNull();
    expect(rest.server.requests.total).toBe(total + 1);
  });

  test("while a write is pending, reads see it, in every form", async () => {
    await rest.elsewhere("a", "stored", { metadata: "stored" });
    await rest.kv.get("a");
    wire.hold();
    const before = wire.sent.length;
    const put = rest.kv.put("a", '{"n":1}', { metadata: 1 });
    expect(await rest.kv.get("a")).toBe('{"n":1}');
    expect(await rest.kv.get(["a"], "json")).toEqual(new Map([["a", { n: 1 }]]));
    expect(Buffer.from((await rest.kv.get("a", "arrayBuffer"))!).toString()).toBe('{"n":1}');
    expect(await textOf((await rest.kv.get("a", "stream"))!)).toBe('{"n":1}');
    expect((await rest.kv.getWithMetadata("a")).metadata).toBe(1);
    const deleted = rest.kv.delete("a");
    expect(await rest.kv.get("a")).toBeNull();
    expect(await rest.kv.getWithMetadata(["a"])).toEqual(
      new Map([["a", { value: null, metadata: null, cacheStatus: null }]]),
    );
    wire.release();
    await Promise.all([put, deleted]);
    expect(await rest.kv.get("a")).toBeNull();
    expect(wire.sent.slice(before).map(({ method }) => method)).not.toContain("GET");
    expect(wire.sent.slice(before).some(({ route }) => route === "bulk/get")).toBe(false);
  });

  test("of two pending writes the last one is read, also when the first is confirmed in between", async () => {
    wire.hold();
    const first = rest.kv.put("a", "1");
    await rest.sent(1);
    const second = rest.kv.put("a", "2");
    expect(await rest.kv.get("a")).toBe("2");
    wire.release();
    await first;
    expect(await rest.kv.get("a")).toBe("2");
    await second;
    expect(await rest.kv.get("a")).toBe("2");
  });

  test("of a put and a later stream the stream is read, also when the put is confirmed in between", async () => {
    await rest.kv.put("a", "old");
    wire.hold();
    const first = rest.kv.put("a", "first");
    await rest.sent(2);
    const source = new TransformStream<Uint8Array, Uint8Array>();
    const streamed = rest.kv.put("a", source.readable);
    wire.release();
    await first;
    const read = rest.kv.get("a");
    const writer = source.writable.getWriter();
    await writer.write(Buffer.from("new"));
    await writer.close();
    await streamed;
    expect(await read).toBe("new");
    expect(await rest.kv.get("a")).toBe("new");
  });

  test("a put that fails leaves no lie: the next read asks", async () => {
    await rest.elsewhere("a", "stored");
    await rest.kv.get("a");
    rest.fail();
    const put = rest.kv.put("a", "new");
    expect(await rest.kv.get("a")).toBe("new");
    await expect(put).rejects.toThrow("500");
    await expect(rest.kv.get("a")).rejects.toThrow("500");
    rest.recover();
    expect(await rest.kv.get("a")).toBe("stored");
  });

  test("so does a delete, and a put that took effect all the same is found", async () => {
    await rest.elsewhere("a", "stored");
    await rest.kv.get("a");
    rest.fail();
    await expect(rest.kv.delete("a")).rejects.toThrow("500");
    await rest.elsewhere("a", null);
    rest.recover();
    expect(await rest.kv.get("a")).toBeNull();
  });

  test("nor is what a read finds that began before a write which failed", async () => {
    await rest.elsewhere("a", "old");
    const { reading, arrive } = await late(() => rest.kv.get("a"));
    rest.fail();
    await expect(rest.kv.put("a", "new")).rejects.toThrow("500");
    // It took effect all the same.
    await rest.elsewhere("a", "new");
    rest.recover();
    arrive();
    expect(await reading).toBe("old");
    expect(await rest.kv.get("a")).toBe("new");
  });

  test("what was written before a write that failed is still known", async () => {
    await rest.kv.put("a", "1");
    rest.fail();
    await expect(rest.kv.put("a", "2")).rejects.toThrow("500");
    expect(await rest.kv.get("a")).toBe("1");
  });

  test("what is refused changes nothing", async () => {
    await rest.kv.put("a", "1");
    const { total } = rest.server.requests;
    const aborted = { signal: AbortSignal.abort(new Error("gone")) };
    expect(await errorOf(rest.kv.put("a", {} as string))).toMatchObject({ code: "KV_INVALID" });
    expect(await errorOf(rest.kv.put("a", "2", { expirationTtl: 1 }))).toMatchObject({ code: "KV_LIMIT" });
    await expect(rest.kv.put("a", "2", aborted)).rejects.toThrow("gone");
    await expect(rest.kv.delete("a", aborted)).rejects.toThrow("gone");
    expect(await rest.kv.get("a")).toBe("1");
    expect(rest.server.requests.total).toBe(total);
  });

  test("a read that began before a write and ends after it does not replace what was written", async () => {
    for (const [key, write, left] of [
      ["a", () => rest.kv.put("a", "new"), "new"],
      ["b", () => rest.kv.delete("b"), null],
    ] as const) {
      await rest.elsewhere(key, "old");
      for (const read of [
        () => rest.kv.get(key),
        async () => Buffer.from((await rest.kv.get(key, "arrayBuffer"))!).toString(),
        async () => (await rest.kv.get([key])).get(key),
      ]) {
        rest.kv.invalidate(key);
        await rest.elsewhere(key, "old");
        const { reading, arrive } = await late(read);
        await write();
        arrive();
        expect(await reading).toBe("old");
        expect(await rest.kv.get(key)).toBe(left);
      }
    }
  });

  test("nor what was invalidated", async () => {
    for (const what of ["a", ["a"], { prefix: "" }]) {
      rest.kv.invalidate("a");
      await rest.elsewhere("a", "old");
      const { reading, arrive } = await late(() => rest.kv.get("a"));
      await rest.elsewhere("a", "new");
      rest.kv.invalidate(what);
      arrive();
      expect(await reading).toBe("old");
      expect(await rest.kv.get("a")).toBe("new");
    }
  });

  test("a put of a stream: reads ask the backend until it is done, and then again", async () => {
    await rest.elsewhere("a", "old");
    await rest.kv.get("a");
    const source = new TransformStream<Uint8Array, Uint8Array>();
    const writer = source.writable.getWriter();
    const put = rest.kv.put("a", source.readable);
    await writer.write(Buffer.from("new"));
    await writer.close();
    await put;
    expect(await rest.kv.get("a")).toBe("new");
    await rest.kv.put("a", streamOf(Buffer.from("newer")), { metadata: 1 });
    expect(await rest.kv.getWithMetadata("a")).toMatchObject({ value: "newer", metadata: 1 });
  });
});

test("what was read while a stream was written is not kept beyond that", async () => {
  await using kv = withCache(openKV(), { max: 10 });
  await kv.put("a", "old");
  const source = new TransformStream<Uint8Array, Uint8Array>();
  const writer = source.writable.getWriter();
  const put = kv.put("a", source.readable);
  await writer.write(Buffer.from("new"));
  expect(await kv.get("a")).toBe("old");
  await writer.close();
  await put;
  expect(await kv.get("a")).toBe("new");
});

describe("a backend that shows old values for a while", () => {
  const rest = useCachedRest({ consistency: "eventual" });

  test("a deleted key stays deleted for the ttl", async () => {
    const kv = rest.open({ ttl: 90_000, negativeTtl: 1 });
    await kv.put("a", "1");
    await kv.delete("a");
    for (let i = 0; i < 20; i++) {
      expect(await kv.get("a")).toBeNull();
      expect((await kv.get(["a"])).get("a")).toBeNull();
      expect(await kv.get("a", "arrayBuffer")).toBeNull();
      rest.advance(4000);
    }
  });

  test("and a value stays what it was put to", async () => {
    const kv = rest.open({ ttl: 90_000 });
    for (let i = 0; i < 20; i++) {
      await kv.put("a", `${i}`);
      expect(await kv.get("a")).toBe(`${i}`);
      rest.advance(1000);
      expect(Buffer.from((await kv.get("a", "arrayBuffer"))!).toString()).toBe(`${i}`);
    }
  });

  test("without a cache it is not so", async () => {
    await using driver = rest.open().backend;
    let old = 0;
    for (let i = 0; i < 50; i++) {
      await driver.put("a", `${i}`);
      if ((await driver.get("a")) !== `${i}`) old++;
    }
    expect(old).toBeGreaterThan(0);
  });
});
