import { createKV, type KVClientOptions } from "@kvplug/core";
import { describe, expect, test } from "vitest";
import { ALL_BYTES, streamOf } from "../support/bytes.ts";
import { accountOf, useRest } from "../support/rest.ts";

describe.for<[string, KVClientOptions]>([
  ["undici", {}],
  ["fetch", { fetch }],
])("a body that is sent in pieces, over %s", ([, transport]) => {
  const rest = useRest();
  const open = (): ReturnType<typeof createKV> =>
    createKV({ ...accountOf(rest.server), namespaceId: rest.server.namespaces[0]!.id, writeInterval: 0, ...transport });

  // Pieces are cut at each place of a character: one, two, three and four bytes, and two units of UTF-16.
  test.for([0, 1, 2, 3, 4, 5, 6])("arrives as it was, text with %i letters before it too", async (letters) => {
    await using kv = open();
    const text = "n".repeat(letters) + "né€😀".repeat(60_000);
    await Promise.all([
      kv.put("text", text, { metadata: 1 }),
      kv.putMany([
        { key: "one", value: text },
        { key: "other", value: text },
      ]),
    ]);
    await using alone = createKV({
      ...accountOf(rest.server),
      namespaceId: rest.server.namespaces[0]!.id,
      batch: false,
    });
    await alone.put("alone", text);
    for (const key of ["text", "one", "other", "alone"]) expect(await rest.server.kv("test").get(key), key).toBe(text);
  });

  test("arrives as it was, of bytes and streams with large and empty chunks", async () => {
    await using kv = open();
    const chunk = Buffer.concat(Array.from({ length: 700 }, () => ALL_BYTES)).subarray(1);
    const chunks = [chunk, new Uint8Array(), chunk, Uint8Array.of(7)];
    const all = Buffer.concat(chunks);
    await Promise.all([
      kv.put("bytes", Buffer.concat([all, all, all, all])),
      kv.put("labelled", all, { metadata: 1 }),
      kv.put("stream", streamOf(...chunks)),
      kv.put("labelled stream", streamOf(...chunks), { metadata: 2 }),
      kv.put("empty", streamOf()),
    ]);
    const stored = async (key: string): Promise<Buffer> =>
      Buffer.from((await rest.server.kv("test").get(key, "arrayBuffer"))!);
    expect((await stored("bytes")).equals(Buffer.concat([all, all, all, all]))).toBe(true);
    for (const key of ["labelled", "stream", "labelled stream"])
      expect((await stored(key)).equals(all), key).toBe(true);
    expect((await stored("empty")).byteLength).toBe(0);
    expect(await kv.getMetadata("labelled stream")).toBe(2);
    expect(await kv.getMetadata("stream")).toBeNull();
  });
});
