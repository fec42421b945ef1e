import type { KVNamespaceInfo } from "@kvplug/core";
import { beforeAll, describe, expect, test } from "vitest";
import { collect } from "../support/collect.ts";
import { useRest } from "../support/rest.ts";

describe("the namespaces of an account", () => {
  const rest = useRest({
    namespaces: ["test", ...Array.from({ length: 24 }, (_, i) => `title ${String(i).padStart(2, "0")}`)],
  });

  const titles = async (namespaces: AsyncIterable<KVNamespaceInfo>): Promise<string[]> =>
    (await collect(namespaces)).map(({ title }) => title);
  let sorted: string[];
  beforeAll(() => {
    sorted = rest.server.namespaces.map(({ title }) => title).toSorted();
  });

  test("all of them, in one request", async () => {
    const found = await titles(rest.client.namespaces.list());
    expect(found.toSorted()).toEqual(sorted);
    expect(rest.server.requests.total).toBe(1);
  });

  test("all of them over several pages, in the order asked for", async () => {
    expect(await titles(rest.client.namespaces.list({ perPage: 10, order: "title" }))).toEqual(sorted);
    expect(rest.server.requests.total).toBe(3);
    expect(await titles(rest.client.namespaces.list({ perPage: 10, order: "title", direction: "desc" }))).toEqual(
      sorted.toReversed(),
    );
  });

  test("a last page that is full needs no page after it", async () => {
    expect(await titles(rest.client.namespaces.list({ perPage: 5 }))).toHaveLength(25);
    expect(rest.server.requests.total).toBe(5);
  });

  test("whoever stops early asks for no further page", async () => {
    for await (const { title } of rest.client.namespaces.list({ perPage: 5, order: "title" }))
      if (title === sorted[6]) break;
    expect(rest.server.requests.total).toBe(2);
  });

  test("one page", async () => {
    const { namespaces, ...info } = await rest.client.namespaces.page(3, { perPage: 10, order: "title" });
    expect(namespaces.map(({ title }) => title)).toEqual(sorted.slice(20));
    expect(info).toEqual({ page: 3, perPage: 10, totalCount: 25 });
    expect((await rest.client.namespaces.page(4, { perPage: 10 })).namespaces).toEqual([]);
  });

  test("find", async () => {
    expect(await rest.client.namespaces.find("title 07")).toMatchObject({ title: "title 07", id: expect.any(String) });
    expect(await rest.client.namespaces.find("title 7")).toBeUndefined();
  });

  test("create, get, rename, delete", async () => {
    const { namespaces } = rest.client;
    const created = await namespaces.create("new: é #1");
    expect(created).toMatchObject({ title: "new: é #1", supports_url_encoding: true });
    expect(await namespaces.get(created.id)).toEqual(created);

    const renamed = await namespaces.rename(created.id, "renamed");
    expect(renamed).toMatchObject({ id: created.id, title: "renamed" });
    expect(await namespaces.get(created.id)).toEqual(renamed);

    expect(await namespaces.delete(created.id)).toBeUndefined();
    await expect(namespaces.get(created.id)).rejects.toMatchObject({ code: "KV_NOT_FOUND", httpStatus: 404 });
    await expect(namespaces.delete(created.id)).rejects.toMatchObject({ code: "KV_NOT_FOUND" });
    await expect(namespaces.rename(created.id, "again")).rejects.toMatchObject({ code: "KV_NOT_FOUND" });
  });

  test("a namespace holds its own keys, and its deletion takes them along", async () => {
    const { namespaces } = rest.client;
    const { id } = await namespaces.create("with keys");
    await rest.client.kv(id).put("a", "there");
    await rest.kv.put("a", "here");
    expect(await rest.client.kv(id).get("a")).toBe("there");
    await namespaces.delete(id);
    await expect(rest.client.kv(id).get("a")).rejects.toMatchObject({ code: "KV_NOT_FOUND" });
    expect(await rest.kv.get("a")).toBe("here");
  });

  test("a title that is taken", async () => {
    const taken = { code: "KV_API", httpStatus: 400, errors: [{ code: 10014 }] };
    await expect(rest.client.namespaces.create("title 00")).rejects.toMatchObject(taken);
    const { id } = (await rest.client.namespaces.find("title 01"))!;
    await expect(rest.client.namespaces.rename(id, "title 00")).rejects.toMatchObject(taken);
  });
});
