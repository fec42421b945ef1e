import { beforeEach, describe, expect, test } from "vitest";
import { collect } from "../support/collect.ts";
import { listAll } from "../support/namespace.ts";
import { useRest } from "../support/rest.ts";

const KEYS = "GET /:namespace/keys";
const BULK_GET = "POST /:namespace/bulk/get";
const BULK_DELETE = "POST /:namespace/bulk/delete";

describe("keys, entries and clear of the driver", () => {
  const rest = useRest();
  const keys = Array.from({ length: 1250 }, (_, i) => `user/${String(i).padStart(4, "0")}`);

  beforeEach(async () => {
    await rest.kv.putMany([
      ...keys.map((key, i) => ({ key, value: `{"n":${i}}`, metadata: i })),
      { key: "other", value: Uint8Array.of(0xff) },
    ]);
    rest.server.requests.reset();
  });

  test("keys with their metadata, a thousand a request", async () => {
    const found = await collect(rest.kv.keys<number>({ prefix: "user/" }));
    expect(found).toEqual(keys.map((name, metadata) => ({ name, metadata })));
    expect(rest.server.requests.byRoute).toEqual({ [KEYS]: 2 });
    expect(await collect(rest.kv.keys())).toHaveLength(1251);
    expect(await collect(rest.kv.keys({ prefix: "nobody" }))).toEqual([]);
  });

  test("whoever stops early asks for no further page", async () => {
    for await (const { name } of rest.kv.keys()) if (name === keys[10]) break;
    expect(rest.server.requests.byRoute).toEqual({ [KEYS]: 1 });
  });

  test("entries with their values, a hundred a request", async () => {
    const found = await collect(rest.kv.entries({ prefix: "user/" }));
    expect(found).toEqual(keys.map((name, metadata) => ({ name, metadata, value: `{"n":${metadata}}` })));
    expect(rest.server.requests.byRoute).toEqual({ [KEYS]: 2, [BULK_GET]: 13 });
  });

  test("entries as json and as bytes", async () => {
    const [first] = await collect(rest.kv.entries<{ n: number }>({ type: "json", prefix: "user/1249" }));
    expect(first).toEqual({ name: "user/1249", metadata: 1249, value: { n: 1249 } });
    const [other] = await collect(rest.kv.entries({ type: "arrayBuffer", prefix: "other" }));
    expect([...new Uint8Array(other!.value)]).toEqual([0xff]);
    const [text] = await collect(rest.kv.entries({ prefix: "other" }));
    expect(text).toEqual({ name: "other", value: "\ufffd" });
  });

  test("an entry that goes away in between is left out", async () => {
    const names: string[] = [];
    for await (const { name } of rest.kv.entries({ prefix: "user/000" })) names.push(name);
    expect(names).toHaveLength(10);

    const store = rest.server.kv("test");
    const left: string[] = [];
    for await (const { name } of rest.kv.entries({ prefix: "user/" })) {
      // The first hundred values are read by now, the names of the first thousand are listed.
      if (left.length === 0) await store.delete("user/0500");
      left.push(name);
    }
    expect(left).toEqual(keys.filter((key) => key !== "user/0500"));
  });

  test("clear deletes those with the prefix, and tells their number", async () => {
    expect(await rest.kv.clear({ prefix: "user/" })).toBe(1250);
    expect(rest.server.requests.byRoute).toEqual({ [KEYS]: 2, [BULK_DELETE]: 1 });
    expect((await listAll(rest.server.kv("test"))).map(({ name }) => name)).toEqual(["other"]);
    expect(await rest.kv.clear()).toBe(1);
    expect(await rest.kv.clear()).toBe(0);
    expect(await listAll(rest.server.kv("test"))).toEqual([]);
  });

  test("clear does not count what was being deleted when it was called", async () => {
    const deleted = rest.kv.delete("other");
    expect(await rest.kv.clear()).toBe(1250);
    await deleted;
    expect(await listAll(rest.server.kv("test"))).toEqual([]);
  });

  test("clear of more than a bulk delete takes", async () => {
    await rest.kv.putMany(Array.from({ length: 10_500 }, (_, i) => ({ key: `many/${i}`, value: "" })));
    rest.server.requests.reset();
    expect(await rest.kv.clear({ prefix: "many/" })).toBe(10_500);
    expect(rest.server.requests.byRoute).toEqual({ [KEYS]: 11, [BULK_DELETE]: 2 });
    expect(await listAll(rest.server.kv("test"), { prefix: "many/" })).toEqual([]);
  });
});
