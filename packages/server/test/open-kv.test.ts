import { expect, expectTypeOf, test } from "vitest";
import type { KVNamespace, KVStream } from "@kvplug/core/seam";
import { openKV } from "@kvplug/server";
import type { EmbeddedKV } from "@kvplug/server";

test("values are read as text, JSON, bytes and a stream", async () => {
  await using kv = openKV();
  await kv.put("k", `{"a":1}`);
  expect(await kv.get("k")).toBe(`{"a":1}`);
  expect(await kv.get("k", "text")).toBe(`{"a":1}`);
  expect(await kv.get<{ a: number }>("k", { type: "json", cacheTtl: 60 })).toEqual({ a: 1 });
  expect(new TextDecoder().decode(await kv.get("k", "arrayBuffer"))).toBe(`{"a":1}`);
  expect(await new Response(await kv.get("k", "stream")).text()).toBe(`{"a":1}`);
  for (const type of ["text", "json", "arrayBuffer", "stream"] as const)
    expect(await kv.get("missing", type as "text")).toBeNull();
  expectTypeOf<EmbeddedKV>().toExtend<KVNamespace<KVStream>>();
});

test("any number of keys is read at once, in the order asked for", async () => {
  await using kv = openKV();
  const keys = Array.from({ length: 250 }, (_, index) => `k${index}`);
  await kv.putMany(keys.slice(1).map((key) => ({ key, value: `"${key}"`, metadata: key })));
  expect(await kv.get(keys)).toEqual(new Map(keys.map((key, index) => [key, index === 0 ? null : `"${key}"`])));
  expect([...(await kv.get(["k9", "k1"], "json"))]).toEqual([
    ["k9", "k9"],
    ["k1", "k1"],
  ]);
  expect(await kv.getWithMetadata(["k0", "k1"])).toEqual(
    new Map([
      ["k0", { value: null, metadata: null, cacheStatus: null }],
      ["k1", { value: `"k1"`, metadata: "k1", cacheStatus: null }],
    ]),
  );
  await kv.deleteMany(keys);
  expect(await kv.list()).toEqual({ list_complete: true, keys: [], cacheStatus: null });
});

test("whatever holds bytes is stored, and no more of its buffer than it shows", async () => {
  await using kv = openKV();
  const { buffer } = Uint8Array.from({ length: 16 }, (_, index) => index);
  const read = async () => [...new Uint8Array((await kv.get("k", "arrayBuffer"))!)];
  await kv.put("k", buffer);
  expect(await read()).toHaveLength(16);
  await kv.put("k", new Uint16Array(buffer, 4, 2));
  expect(await read()).toEqual([4, 5, 6, 7]);
  await kv.put("k", new DataView(buffer, 15));
  expect(await read()).toEqual([15]);
  await kv.putMany([{ key: "k", value: new Uint8Array(buffer, 2, 1) }]);
  expect(await read()).toEqual([2]);
  await kv.put("k", new Blob([Uint8Array.of(1), Uint8Array.of(2)]).stream());
  expect(await read()).toEqual([1, 2]);
  await kv.put("k", new Uint8Array());
  expect(await read()).toEqual([]);
});

test("text keeps its byte order mark, and bytes that are no text are replaced", async () => {
  await using kv = openKV();
  await kv.put("bom", "\uFEFFa");
  expect(await kv.get("bom")).toBe("\uFEFFa");
  await kv.put("bytes", Uint8Array.of(0x61, 0xff, 0x62));
  expect(await kv.get("bytes")).toBe("a\uFFFDb");
});

test("what is not JSON rejects with an error that does not show it", async () => {
  await using kv = openKV();
  await kv.put("k", "secret");
  const error = await kv.get("k", "json").catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "KV_VALUE", key: "k" });
  expect(String(error)).not.toContain("secret");
  await expect(kv.get(["k"], "json")).rejects.toMatchObject({ code: "KV_VALUE" });
});

test.for<[string, (kv: EmbeddedKV) => Promise<unknown>, string]>([
  ["an empty key", (kv) => kv.get(""), "KV_LIMIT"],
  ["the key ..", (kv) => kv.delete(".."), "KV_INVALID"],
  ["an empty key among others", (kv) => kv.get(["a", ""]), "KV_LIMIT"],
  ["an unknown type", (kv) => kv.get("k", "blob" as "text"), "KV_INVALID"],
  ["a stream of many", (kv) => kv.get(["k"], "stream" as "text"), "KV_INVALID"],
  ["a mistyped option of get", (kv) => kv.get("k", { typ: "json" } as object), "KV_INVALID"],
  ["a mistyped option of put", (kv) => kv.put("k", "v", { ttl: 60 } as object), "KV_INVALID"],
  ["a mistyped option of list", (kv) => kv.list({ size: 1 } as object), "KV_INVALID"],
  ["a TTL of 59", (kv) => kv.put("k", "v", { expirationTtl: 59 }), "KV_LIMIT"],
  ["a Date", (kv) => kv.put("k", "v", { expiration: new Date() as unknown as number }), "KV_INVALID"],
  ["an object as a value", (kv) => kv.put("k", {} as string), "KV_INVALID"],
  ["a number as a value", (kv) => kv.put("k", 7 as unknown as string), "KV_INVALID"],
  ["a lone surrogate", (kv) => kv.put("k", "\uDC00"), "KV_INVALID"],
  ["a stream of text", (kv) => kv.put("k", new ReadableStream({ pull: (sink) => sink.enqueue("text") })), "KV_INVALID"],
  [
    "a stream too long",
    (kv) => kv.put("k", new ReadableStream({ pull: (sink) => sink.enqueue(new Uint8Array(1 << 22)) })),
    "KV_LIMIT",
  ],
  ["too much metadata", (kv) => kv.put("k", "v", { metadata: "m".repeat(1023) }), "KV_LIMIT"],
  ["a limit of 0", (kv) => kv.list({ limit: 0 }), "KV_LIMIT"],
  ["a limit of 1,001", (kv) => kv.list({ limit: 1001 }), "KV_LIMIT"],
  ["a cursor that is none", (kv) => kv.list({ cursor: "x" }), "KV_INVALID"],
  [
    "one bad pair among many",
    (kv) =>
      kv.putMany([
        { key: "a", value: "" },
        { key: "b", value: "", expirationTtl: 1 },
      ]),
    "KV_LIMIT",
  ],
  [
    "a stream in putMany",
    (kv) => kv.putMany([{ key: "a", value: new Blob([]).stream() as unknown as string }]),
    "KV_INVALID",
  ],
  ["one bad key among many", (kv) => kv.deleteMany(["kept", ""]), "KV_LIMIT"],
])("%s is refused, and nothing is changed", async ([, call, code]) => {
  await using kv = openKV();
  await kv.put("kept", "v");
  await expect(call(kv)).rejects.toMatchObject({ code });
  expect((await kv.list()).keys).toEqual([{ name: "kept" }]);
});

test("a limit of 1 pages through all", async () => {
  await using kv = openKV();
  await kv.putMany(["a", "b", "c"].map((key) => ({ key, value: "" })));
  const names: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await kv.list({ limit: 1, cursor: cursor ?? null });
    names.push(...page.keys.map(({ name }) => name));
    cursor = page.list_complete ? undefined : page.cursor;
  } while (cursor !== undefined);
  expect(names).toEqual(["a", "b", "c"]);
});

test("an aborted call does nothing", async () => {
  await using kv = openKV();
  const signal = AbortSignal.abort(new Error("enough"));
  await expect(kv.put("k", "v", { signal })).rejects.toThrow("enough");
  await expect(kv.get("k", { type: "text", signal })).rejects.toThrow("enough");
  await expect(kv.delete("k", { signal })).rejects.toThrow("enough");
  await expect(kv.list({ signal })).rejects.toThrow("enough");
  expect((await kv.list()).keys).toEqual([]);
});

test("after close, every call rejects", async () => {
  const kv = openKV();
  await kv.close();
  await kv.close();
  for (const call of [kv.get("k"), kv.put("k", "v"), kv.delete("k"), kv.list(), kv.putMany([]), kv.deleteMany([])]) {
    await expect(call).rejects.toMatchObject({ code: "KV_CLOSED" });
  }
});
