import type { KV } from "@kvplug/core";
import { describe, expect, test } from "vitest";
import { ALL_BYTES, bytesOf, textOf } from "../support/bytes.ts";
import { useStandingClock } from "../support/clock.ts";
import { useWiredRest } from "../support/wired-rest.ts";

describe("writes that are not confirmed answer the reads of their key, without a request", () => {
  const rest = useWiredRest();
  const { wire } = rest;
  useStandingClock();

  /** Runs while a put of `a` waits; what it does must not need a request. */
  async function during(write: (kv: KV) => Promise<void>, read: (kv: KV) => Promise<unknown>): Promise<void> {
    await rest.server.kv("test").put("a", "stored", { metadata: "stored" });
    wire.hold();
    const written = write(rest.kv);
    await read(rest.kv);
    await rest.sent(1);
    await read(rest.kv);
    expect(wire.sent).toHaveLength(1);
    wire.release();
    await written;
  }

  test("a put: in every type, with metadata and expiration", async () => {
    const expiration = Math.floor(Date.now() / 1000) + 3600;
    await during(
      (kv) => kv.put("a", '{"n":1}', { metadata: { m: 2 }, expiration }),
      async (kv) => {
        const bytes = new TextEncoder().encode('{"n":1}');
        expect(await kv.get("a")).toBe('{"n":1}');
        expect(await kv.get("a", "json")).toEqual({ n: 1 });
        expect(new Uint8Array((await kv.get("a", "arrayBuffer"))!)).toEqual(bytes);
        expect(await textOf((await kv.get("a", "stream"))!)).toBe('{"n":1}');
        expect(await kv.get(["a"])).toEqual(new Map([["a", '{"n":1}']]));
        const entry = { metadata: { m: 2 }, expiration, cacheStatus: null };
        expect(await kv.getWithMetadata("a", "json")).toEqual({ value: { n: 1 }, ...entry });
        expect(await kv.getWithMetadata(["a"])).toEqual(new Map([["a", { value: '{"n":1}', ...entry }]]));
        expect(await kv.getMetadata("a")).toEqual({ m: 2 });
        const { value, ...others } = await kv.getWithMetadata("a", "stream");
        expect(await textOf(value!)).toBe('{"n":1}');
        expect(others).toEqual(entry);
      },
    );
  });

  test("a put of bytes, without metadata, with a time to live", async () => {
    const now = Math.floor(Date.now() / 1000);
    await during(
      (kv) => kv.put("a", ALL_BYTES, { expirationTtl: 60 }),
      async (kv) => {
        expect(new Uint8Array((await kv.get("a", "arrayBuffer"))!)).toEqual(ALL_BYTES);
        expect(await bytesOf((await kv.get("a", "stream"))!)).toEqual(ALL_BYTES);
        const { metadata, expiration } = await kv.getWithMetadata("a");
        expect(metadata).toBeNull();
        expect(expiration! - now).toBeGreaterThanOrEqual(60);
        expect(expiration! - now).toBeLessThanOrEqual(61);
      },
    );
  });

  test("a delete: there is nothing", async () => {
    await during(
      (kv) => kv.delete("a"),
      async (kv) => {
        for (const type of ["text", "json", "arrayBuffer", "stream"] as const) {
          expect(await kv.get("a", type as "text")).toBeNull();
          expect(await kv.getWithMetadata("a", type as "text")).toEqual({
            value: null,
            metadata: null,
            cacheStatus: null,
          });
        }
        expect(await kv.get(["a"])).toEqual(new Map([["a", null]]));
        expect(await kv.getMetadata("a")).toBeNull();
      },
    );
  });

  test.for([
    ["putMany", (kv: KV) => kv.putMany([{ key: "a", value: "new" }]), "new"],
    ["deleteMany", (kv: KV) => kv.deleteMany(["a"]), null],
  ] as const)("a %s", async ([, write, value]) => {
    await during(write, async (kv) => expect(await kv.get("a")).toBe(value));
  });

  test("a clear: there is nothing, save what is put after it", async () => {
    await during(
      async (kv) => void (await kv.clear({ prefix: "a" })),
      async (kv) => {
        expect(await kv.get("a")).toBeNull();
        expect(await kv.get("a", "stream")).toBeNull();
        expect(await kv.get(["a", "ab"])).toEqual(
          new Map([
            ["a", null],
            ["ab", null],
          ]),
        );
        expect(await kv.getWithMetadata("a")).toEqual({ value: null, metadata: null, cacheStatus: null });
        expect(await kv.getMetadata("a")).toBeNull();
      },
    );
    await rest.server.kv("test").put("b", "other");
    await rest.kv.put("a", "before");
    const cleared = rest.kv.clear({ prefix: "a" });
    const written = rest.kv.put("a", "after");
    expect(await rest.kv.get(["a", "b"])).toEqual(
      new Map([
        ["a", "after"],
        ["b", "other"],
      ]),
    );
    await Promise.all([cleared, written]);
    expect(await rest.kv.get("a")).toBe("after");
  });

  test("the last of several", async () => {
    wire.hold();
    const first = rest.kv.put("a", "1");
    await rest.sent(1);
    const others = [rest.kv.delete("a"), rest.kv.put("a", "2")];
    expect(await rest.kv.get("a")).toBe("2");
    others.push(rest.kv.delete("a"));
    expect(await rest.kv.get("a")).toBeNull();
    wire.release();
    await Promise.all([first, ...others]);
  });

  test("those of get(keys) that are not being written are read", async () => {
    await rest.server.kv("test").put("b", "stored");
    wire.hold();
    const written = [rest.kv.put("a", "1"), rest.kv.delete("c")];
    await rest.sent(2);
    const read = rest.kv.get(["a", "b", "c"]);
    await rest.sent(3);
    wire.release();
    expect([...(await read)]).toEqual([
      ["a", "1"],
      ["b", "stored"],
      ["c", null],
    ]);
    expect(wire.sent[2]).toMatchObject({ keys: ["b"] });
    await Promise.all(written);
  });

  test("only a stream is waited for: it is nowhere but on its way", async () => {
    const source = new TransformStream<Uint8Array, Uint8Array>();
    const writer = source.writable.getWriter();
    const written = rest.kv.put("a", source.readable, { metadata: 1 });
    const reads = Promise.all([rest.kv.get("a"), rest.kv.getWithMetadata("a"), rest.kv.get(["a"])]);
    await writer.write(Uint8Array.of(0x31));
    await rest.sent(1);
    await writer.write(Uint8Array.of(0x32));
    expect(wire.sent).toHaveLength(1);
    await writer.close();
    const [text, entry, map] = await reads;
    expect([text, entry.value, entry.metadata, map.get("a")]).toEqual(["12", "12", 1, "12"]);
    await written;
  });

  test("what the caller then does to its bytes and objects changes nothing", async () => {
    const bytes = new Uint8Array(10).fill(1);
    const metadata = { n: 1 };
    wire.hold();
    const written = rest.kv.put("a", bytes, { metadata });
    bytes.fill(2);
    metadata.n = 2;
    const read = await rest.kv.getWithMetadata<{ n: number }>("a", "arrayBuffer");
    expect([...new Uint8Array(read.value!)]).toEqual(Array.from({ length: 10 }, () => 1));
    expect(read.metadata).toEqual({ n: 1 });
    new Uint8Array(read.value!).fill(3);
    read.metadata!.n = 3;
    const [again] = (await rest.kv.getWithMetadata<{ n: number }>(["a"])).values();
    expect(again!.metadata).toEqual({ n: 1 });
    wire.release();
    await written;
    const { value, metadata: label } = await rest.server.kv("test").getWithMetadata("a", "arrayBuffer");
    expect([...new Uint8Array(value!)]).toEqual(Array.from({ length: 10 }, () => 1));
    expect(label).toEqual({ n: 1 });
  });
});
