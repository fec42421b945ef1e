import { withCache, type CachedKV } from "@kvplug/cache";
import type { KVNamespace, KVPutOptions } from "@kvplug/core/seam";
import { describe, expect, test } from "vitest";
import { ALL_BYTES, bytesOf } from "../support/bytes.ts";
import { useCachedRest } from "../support/cached-rest.ts";
import { overlaid } from "../support/overlaid.ts";
import { TOKEN } from "../support/rest.ts";

const MINUTE = 60_000;
const VALUE = "GET /:namespace/values/:key";
const GET_WITH_EXPIRATION = Symbol.for("kvplug.getWithExpiration");

const rest = useCachedRest();

/** The driver as it reads bytes with their expiration: by the value's own endpoint. */
function readerOfBytes(): KVNamespace {
  const { server } = rest;
  const { id } = server.namespaces[0]!;
  const read = async (key: string): Promise<{ value: ArrayBuffer | null; expiration?: number }> => {
    const path = `/accounts/${server.account}/storage/kv/namespaces/${id}/values/${encodeURIComponent(key)}`;
    const response = await fetch(server.url + path, { headers: { authorization: `Bearer ${TOKEN}` } });
    const value = await response.arrayBuffer();
    if (response.status === 404) return { value: null };
    const expiration = response.headers.get("expiration");
    return { value, ...(expiration !== null && { expiration: Number(expiration) }) };
  };
  return Object.assign(overlaid(rest.kv.backend, {}), { [GET_WITH_EXPIRATION]: read });
}

/** A cache in front of it. */
const open = (options: { staleIfError?: number } = {}): CachedKV =>
  withCache(readerOfBytes(), { max: 100, ttl: 3_600_000, ...options });

const store = (key: string, options: KVPutOptions = {}): Promise<void> => rest.store.put(key, ALL_BYTES, options);

/** The requests that some reads take, by route. */
async function requestsOf(read: () => Promise<unknown>): Promise<Record<string, number>> {
  rest.server.requests.reset();
  await read();
  return { ...rest.server.requests.byRoute };
}

describe("bytes, of a backend that reads them without their metadata", () => {
  test("are one request, and then the copy serves whoever wants no metadata", async () => {
    const kv = open();
    await store("a", { metadata: 1 });
    const read = async (): Promise<void> => {
      expect(new Uint8Array((await kv.get("a", "arrayBuffer"))!)).toEqual(ALL_BYTES);
    };
    expect(await requestsOf(read)).toEqual({ [VALUE]: 1 });
    expect(await requestsOf(read)).toEqual({});
    const text = new TextDecoder().decode(ALL_BYTES);
    const others = async (): Promise<void> => {
      expect(await kv.get("a")).toBe(text);
      expect(await kv.get(["a"])).toEqual(new Map([["a", text]]));
      expect(await bytesOf((await kv.get("a", "stream"))!)).toEqual(ALL_BYTES);
    };
    expect(await requestsOf(others)).toEqual({});
  });

  test("and their metadata are asked for when somebody wants that; once both are wanted again, the copy serves everybody", async () => {
    const kv = open();
    await store("a", { metadata: { by: "Ada" } });
    await kv.get("a", "arrayBuffer");
    const entry = await kv.getWithMetadata("a");
    expect(entry).toEqual({ value: new TextDecoder().decode(ALL_BYTES), metadata: { by: "Ada" }, cacheStatus: null });
    const all = async (): Promise<void> => {
      expect(new Uint8Array((await kv.get("a", "arrayBuffer"))!)).toEqual(ALL_BYTES);
      expect((await kv.getWithMetadata("a", "arrayBuffer")).metadata).toEqual({ by: "Ada" });
      expect((await kv.getWithMetadata("a", "stream")).metadata).toEqual({ by: "Ada" });
      expect((await kv.getWithMetadata(["a"])).get("a")!.metadata).toEqual({ by: "Ada" });
    };
    await all();
    expect(await requestsOf(all)).toEqual({});
  });

  test("who wants them after the text, and the text with its metadata again, asks twice and no more", async () => {
    const kv = open();
    await rest.elsewhere("a", "text", { metadata: 1 });
    await kv.getWithMetadata("a");
    await kv.get("a", "arrayBuffer");
    const { backendReads } = kv.stats();
    expect(backendReads).toBe(2);
    for (let i = 0; i < 3; i++) {
      expect(await kv.getWithMetadata("a")).toMatchObject({ value: "text", metadata: 1 });
      expect(Buffer.from((await kv.get("a", "arrayBuffer"))!).toString()).toBe("text");
    }
    expect(kv.stats().backendReads).toBe(backendReads);
  });

  test("expire with their key, fresh or stale", async () => {
    for (const kv of [open(), open({ staleIfError: 3_600_000 })]) {
      await store("a", { expiration: Math.floor(Date.now() / 1000) + 90 });
      await kv.get("a", "arrayBuffer");
      expect((await kv.getWithMetadata("a")).expiration).toBe(Math.floor(Date.now() / 1000) + 90);
      kv.clearLocal();
      await kv.get("a", "arrayBuffer");
      rest.advance(90_000 - (Date.now() % 1000));
      expect(await kv.get("a", "arrayBuffer")).toBeNull();
    }
  });

  test("of a key that does not exist: nobody asks again, with or without metadata", async () => {
    const kv = open();
    expect(await kv.get("nobody", "arrayBuffer")).toBeNull();
    expect(await requestsOf(async () => expect((await kv.getWithMetadata("nobody")).value).toBeNull())).toEqual({});
  });

  test("that are under way are joined by those they serve, and by nobody else", async () => {
    const kv = open();
    await store("a", { metadata: 1 });
    const [bytes, text, many, entry, entries] = await Promise.all([
      kv.get("a", "arrayBuffer"),
      kv.get("a"),
      kv.get(["a"]),
      kv.getWithMetadata("a", "arrayBuffer"),
      kv.getWithMetadata(["a"]),
    ]);
    expect(new Uint8Array(bytes!)).toEqual(ALL_BYTES);
    expect([text, many.get("a")]).toEqual(Array(2).fill(new TextDecoder().decode(ALL_BYTES)));
    expect([entry.metadata, entries.get("a")!.metadata]).toEqual([1, 1]);
    expect(kv.stats()).toMatchObject({ misses: 5, coalesced: 3, backendReads: 2 });
  });

  test("are what a refresh asks for whose reader wants bytes", async () => {
    const kv = withCache(readerOfBytes(), { max: 100, ttl: MINUTE, staleWhileRevalidate: MINUTE });
    await store("a");
    await kv.get("a", "arrayBuffer");
    rest.advance(MINUTE);
    const refreshed = async (): Promise<void> => {
      await kv.get("a", "arrayBuffer");
      await kv.close();
    };
    expect(await requestsOf(refreshed)).toEqual({ [VALUE]: 1 });
  });
});

test("any other backend is asked for bytes with their metadata, in one call", async () => {
  const calls: unknown[][] = [];
  const backend = overlaid(rest.kv.backend, {
    getWithMetadata: (...args: [string, "arrayBuffer"]) => {
      calls.push(args);
      return rest.kv.backend.getWithMetadata(...args);
    },
  });
  const kv = withCache(backend, { max: 100 });
  await store("a", { metadata: 1 });
  expect(new Uint8Array((await kv.get("a", "arrayBuffer"))!)).toEqual(ALL_BYTES);
  expect((await kv.getWithMetadata("a", "arrayBuffer")).metadata).toBe(1);
  expect(calls).toEqual([["a", "arrayBuffer"]]);
});
