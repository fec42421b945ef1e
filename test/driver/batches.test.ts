import { describe, expect, test } from "vitest";
import { ALL_BYTES, streamOf, textOf } from "../support/bytes.ts";
import { manyTurns } from "../support/turns.ts";
import { VirtualTime } from "../support/virtual-time.ts";
import { useWiredRest } from "../support/wired-rest.ts";

const BULK_GET = "POST /:namespace/bulk/get";
const BULK_PUT = "PUT /:namespace/bulk";
const BULK_DELETE = "POST /:namespace/bulk/delete";
const GET = "GET /:namespace/values/:key";
const METADATA = "GET /:namespace/metadata/:key";
const PUT = "PUT /:namespace/values/:key";
const DELETE = "DELETE /:namespace/values/:key";

const keysUpTo = (count: number): string[] => Array.from({ length: count }, (_, i) => `key ${i}`);

describe("calls that share requests", () => {
  const rest = useWiredRest();
  const { wire, open } = rest;

  const cost = (): Readonly<Record<string, number>> => rest.server.requests.byRoute;

  async function store(keys: readonly string[]): Promise<void> {
    for (const key of keys) await rest.server.kv("test").put(key, `value of ${key}`, { metadata: key });
  }

  test("a lone get is a plain GET, a lone put a plain PUT, a lone delete a plain DELETE", async () => {
    await rest.kv.put("a", "1");
    expect(await rest.kv.get("a")).toBe("1");
    await rest.kv.delete("a");
    expect(cost()).toEqual({ [PUT]: 1, [GET]: 1, [DELETE]: 1 });
  });

  test("get, getWithMetadata and get(keys) of one tick make one request, and each gets what it asked for", async () => {
    await store(["a", "b"]);
    await rest.server.kv("test").put("c", "[3]");
    const results = await Promise.all([
      rest.kv.get("a"),
      rest.kv.getWithMetadata("a"),
      rest.kv.get(["b", "missing"]),
      rest.kv.get("c", "json"),
      rest.kv.get("a", "arrayBuffer"),
      rest.kv.get("missing"),
    ]);
    expect(results).toEqual([
      "value of a",
      { value: "value of a", metadata: "a", cacheStatus: null },
      new Map([
        ["b", "value of b"],
        ["missing", null],
      ]),
      [3],
      new TextEncoder().encode("value of a").buffer,
      null,
    ]);
    expect(cost()).toEqual({ [BULK_GET]: 1 });
    expect(wire.sent[0]!.keys).toEqual(["a", "b", "missing", "c"]);
  });

  test("what an awaited promise sets off in the same turn comes along", async () => {
    await store(["a", "b"]);
    const later = async (): Promise<string | null> => {
      for (let i = 0; i < 20; i++) await Promise.resolve();
      return rest.kv.get("b");
    };
    expect(await Promise.all([rest.kv.get("a"), later()])).toEqual(["value of a", "value of b"]);
    expect(cost()).toEqual({ [BULK_GET]: 1 });
  });

  test("streams go alone, in both directions", async () => {
    await store(["a", "b", "c"]);
    const [one, two, text] = await Promise.all([
      rest.kv.get("a", "stream"),
      rest.kv.get("b", "stream"),
      rest.kv.get("c"),
    ]);
    expect([await textOf(one!), await textOf(two!), text]).toEqual(["value of a", "value of b", "value of c"]);
    expect(cost()).toEqual({ [GET]: 3 });

    rest.server.requests.reset();
    await Promise.all(["x", "y"].map((key) => rest.kv.put(key, streamOf(Uint8Array.of(0x31)))));
    expect(cost()).toEqual({ [PUT]: 2 });
    expect([...(await rest.kv.get(["x", "y"])).values()]).toEqual(["1", "1"]);
  });

  test("so does a value above 1 MiB, while those beside it share a request", async () => {
    const large = "x".repeat(1024 * 1024 + 1);
    await Promise.all([rest.kv.put("large", large), rest.kv.put("a", "1"), rest.kv.put("b", large.slice(1))]);
    expect(cost()).toEqual({ [PUT]: 1, [BULK_PUT]: 1 });
    expect(wire.sent.find(({ method, route }) => method === "PUT" && route === "bulk")!.keys).toEqual(["a", "b"]);
    expect((await rest.kv.get("large")) === large).toBe(true);
  });

  test("a batch with values that are not text is split around them", async () => {
    const keys = keysUpTo(100);
    await store(keys);
    const binary = ["key 7", "key 77"];
    for (const key of binary) await rest.server.kv("test").put(key, ALL_BYTES, { metadata: key });
    const found = await Promise.all(keys.map((key) => rest.kv.getWithMetadata(key, "arrayBuffer")));
    for (const [i, key] of keys.entries()) {
      const bytes = binary.includes(key) ? ALL_BYTES : Buffer.from(`value of ${key}`);
      expect(found[i]!.metadata).toBe(key);
      expect(Buffer.from(found[i]!.value!).equals(bytes)).toBe(true);
    }
    const [text, bytes] = await Promise.all([rest.kv.get("key 1"), rest.kv.get("key 7", "arrayBuffer")]);
    expect(text).toBe("value of key 1");
    expect(new Uint8Array(bytes!)).toEqual(ALL_BYTES);
  });

  test("who asked for bytes is suspected first: a text beside them costs no halving", async () => {
    await using kv = open();
    await store(keysUpTo(50));
    await rest.server.kv("test").put("bytes", ALL_BYTES);
    await Promise.all([...keysUpTo(50).map((key) => kv.get(key)), kv.get("bytes", "arrayBuffer")]);
    expect(cost()).toEqual({ [BULK_GET]: 2, [GET]: 1 });
  });

  test("a value that was no text fails no bulk read again, until it is text", async () => {
    await using kv = open();
    const keys = keysUpTo(50);
    await store(keys);
    await rest.server.kv("test").put("key 7", ALL_BYTES, { metadata: "key 7" });
    const costs = async (read: (key: string) => Promise<unknown>): Promise<Record<string, number>> => {
      rest.server.requests.reset();
      await Promise.all(keys.map(read));
      return { ...cost() };
    };
    const first = await costs((key) => kv.get(key));
    // Halves find it: 50, 25, 13, 7, 4, 2 and 1 of them fail.
    expect(first[BULK_GET]).toBeGreaterThan(6);
    expect(await costs((key) => kv.get(key))).toEqual({ [BULK_GET]: 1, [GET]: 1 });
    expect(await costs((key) => kv.getWithMetadata(key))).toEqual({ [BULK_GET]: 1, [GET]: 1, [METADATA]: 1 });
    expect((await kv.getWithMetadata("key 7")).metadata).toBe("key 7");

    await rest.server.kv("test").put("key 7", "text now", { metadata: "new" });
    expect(await costs((key) => kv.get(key))).toEqual({ [BULK_GET]: 1, [GET]: 1 });
    expect(await costs((key) => kv.get(key))).toEqual({ [BULK_GET]: 1 });
    expect(await kv.getWithMetadata("key 7")).toEqual({ value: "text now", metadata: "new", cacheStatus: null });
  });

  test("what two callers get of one key is not one object", async () => {
    await rest.server.kv("test").put("a", '{"n":1}', { metadata: { n: 1 } });
    const [one, two] = await Promise.all([
      rest.kv.get<{ n: number }>("a", "json"),
      rest.kv.get<{ n: number }>("a", "json"),
    ]);
    one!.n = 2;
    expect(two).toEqual({ n: 1 });

    const [left, right] = await Promise.all([
      rest.kv.getWithMetadata<{ n: number }>("a"),
      rest.kv.getWithMetadata<{ n: number }>("a"),
    ]);
    left.metadata!.n = 2;
    expect(right.metadata).toEqual({ n: 1 });

    const bytes = await Promise.all([rest.kv.get("a", "arrayBuffer"), rest.kv.get("a", "arrayBuffer")]);
    new Uint8Array(bytes[0]!).fill(0);
    expect(Buffer.from(bytes[1]!).toString()).toBe('{"n":1}');
  });

  test("batch: false makes each call a request, and leaves get(keys), putMany and deleteMany as they are", async () => {
    await using kv = open({ batch: false });
    const keys = keysUpTo(5);
    await Promise.all(keys.map((key) => kv.put(key, key)));
    expect(await Promise.all(keys.map((key) => kv.get(key)))).toEqual(keys);
    expect(await Promise.all([kv.get("key 0"), kv.get("key 0")])).toEqual(["key 0", "key 0"]);
    await Promise.all(keys.map((key) => kv.delete(key)));
    expect(cost()).toEqual({ [PUT]: 5, [GET]: 7, [DELETE]: 5 });

    rest.server.requests.reset();
    await kv.putMany(keys.map((key) => ({ key, value: key })));
    expect([...(await kv.get(keys)).values()]).toEqual(keys);
    await kv.deleteMany(keys);
    expect(cost()).toEqual({ [BULK_PUT]: 1, [BULK_GET]: 1, [BULK_DELETE]: 1 });
  });

  test("batch.maxKeys bounds a bulk read", async () => {
    await using kv = open({ batch: { maxKeys: 7 } });
    const keys = keysUpTo(20);
    await store(keys);
    expect(await Promise.all(keys.map((key) => kv.get(key)))).toEqual(keys.map((key) => `value of ${key}`));
    expect(wire.sent.map((sent) => sent.keys.length)).toEqual([7, 7, 6]);
  });

  test("batch.maxBytes bounds a bulk write, by its bytes and not its characters", async () => {
    await using kv = open({ batch: { maxBytes: 1000 } });
    const values: Record<string, string | Uint8Array> = {
      ...Object.fromEntries(keysUpTo(6).map((key) => [key, "é".repeat(170)])),
      bytes: new Uint8Array(600),
      more: "",
    };
    await Promise.all(Object.entries(values).map(([key, value]) => kv.put(key, value)));
    expect(wire.sent.map(({ route, keys }) => [route, keys.length])).toEqual([
      ["bulk", 2],
      ["bulk", 2],
      ["bulk", 2],
      ["bulk", 2],
    ]);
    for (const { body } of wire.sent) expect(Buffer.byteLength(body!)).toBeLessThanOrEqual(1000);
    expect(await kv.get("key 5")).toBe(values["key 5"]);
    expect((await kv.get("bytes", "arrayBuffer"))!.byteLength).toBe(600);
  });

  test("batch.window lets a first call wait for others", async () => {
    await store(["a", "b"]);
    using time = new VirtualTime();
    await using kv = open({ batch: { window: 50 } });
    const first = kv.get("a");
    time.advance(5);
    const second = kv.get("b");
    time.advance(44);
    await manyTurns();
    expect(wire.sent).toEqual([]);
    time.advance(1);
    expect(await Promise.all([first, second])).toEqual(["value of a", "value of b"]);
    expect(cost()).toEqual({ [BULK_GET]: 1 });
  });

  test("close() does not sit out batch.window", async () => {
    const kv = open({ batch: { window: 60_000 } });
    await store(["a"]);
    const [read, written] = [kv.get("a"), kv.put("b", "2")];
    await kv.close();
    expect(await read).toBe("value of a");
    await written;
    expect(await rest.stored("b")).toBe("2");
  });

  test("batch.maxInFlight: 1 lets reads that come meanwhile gather", async () => {
    await using kv = open({ batch: { maxInFlight: 1 } });
    await store(["a", "b", "c"]);
    wire.hold();
    const first = kv.get("a");
    await rest.sent(1);
    const second = kv.get("b");
    await manyTurns();
    const third = kv.getWithMetadata("c");
    await manyTurns();
    expect(wire.sent).toHaveLength(1);
    wire.release();
    expect([await first, await second, (await third).value]).toEqual(["value of a", "value of b", "value of c"]);
    expect(wire.sent.map(({ keys }) => keys)).toEqual([["a"], ["b", "c"]]);
  });

  test.each([
    ["less", 990, ["GET first", "GET read", "PUT written"]],
    ["more", 1010, ["GET first", "PUT written", "GET read"]],
  ])("of those that wait, a read that came %s than a second after a write", async (_, after, order) => {
    using time = new VirtualTime();
    const sent: string[] = [];
    const kv = open({
      batch: { maxInFlight: 1 },
      fetch: async (url, init) => {
        sent.push(`${init!.method} ${(url as string).split("/").at(-1)}`);
        await new Promise<void>((resolve) => time.at(time.now + 2000, resolve));
        return Response.json({ success: true, errors: [], messages: [], result: {} });
      },
    });
    time.at(0, () => void kv.get("first"));
    time.at(10, () => void kv.put("written", "1"));
    time.at(10 + after, () => void kv.get("read"));
    await time.run();
    expect(sent).toEqual(order);
  });
});
