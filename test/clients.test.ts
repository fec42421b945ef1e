import Cloudflare, { APIError } from "cloudflare";
import { createStorage, type Driver, type Storage } from "unstorage";
import cloudflareKVHTTP from "unstorage/drivers/cloudflare-kv-http";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ALL_BYTES } from "./support/bytes.ts";
import { collect } from "./support/collect.ts";
import { listAll } from "./support/namespace.ts";
import { TOKEN, useRest } from "./support/rest.ts";
import { UNUSUAL_KEYS } from "./support/unusual.ts";

describe("the official SDK against the server", () => {
  const rest = useRest();
  let cloudflare: Cloudflare;
  let inAccount: { account_id: string };
  let inNamespace: { account_id: string; namespace_id: string };
  let id: string;

  beforeAll(() => {
    cloudflare = new Cloudflare({ baseURL: rest.server.url, apiToken: TOKEN, maxRetries: 0 });
    id = rest.server.namespaces[0]!.id;
    inAccount = { account_id: rest.server.account };
    inNamespace = { ...inAccount, namespace_id: id };
  });

  const refusal = async (call: Promise<unknown>): Promise<{ status: unknown; code: unknown }> => {
    const error = await call.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(APIError);
    const { status, errors } = error as APIError;
    return { status, code: errors[0]?.code };
  };

  test("namespaces: create, get, update, list over pages, delete", async () => {
    const { namespaces } = cloudflare.kv;
    const created = await namespaces.create({ ...inAccount, title: "one" });
    expect(created).toEqual({ id: expect.stringMatching(/^[0-9a-f]{32}$/), title: "one", supports_url_encoding: true });
    expect(await namespaces.get(created.id, inAccount)).toEqual(created);
    expect(await namespaces.update(created.id, { ...inAccount, title: "two" })).toEqual({ ...created, title: "two" });

    for (const title of ["a", "b", "c", "d"]) await namespaces.create({ ...inAccount, title });
    const titles = (
      await collect(namespaces.list({ ...inAccount, per_page: 2, order: "title", direction: "asc" }))
    ).map(({ title }) => title);
    expect(titles).toEqual(["a", "b", "c", "d", "test", "two"]);
    const page = await namespaces.list({ ...inAccount, per_page: 2, page: 2, order: "title", direction: "desc" });
    expect(page.result.map(({ title }) => title)).toEqual(["d", "c"]);
    expect(page.result_info).toEqual({ count: 2, page: 2, per_page: 2, total_count: 6 });

    expect(await refusal(namespaces.create({ ...inAccount, title: "a" }))).toEqual({ status: 400, code: 10014 });
    for (const { id, title } of await collect(namespaces.list(inAccount))) {
      if (title !== "test") expect(await namespaces.delete(id, inAccount)).toEqual({});
    }
    expect(await refusal(namespaces.get(created.id, inAccount))).toEqual({ status: 404, code: 10013 });
  });

  test.for(UNUSUAL_KEYS.map((key) => [JSON.stringify(key.slice(0, 20)), key] as const))(
    "values: update, get, delete of %s",
    async ([, key]) => {
      const { values, metadata } = cloudflare.kv.namespaces;
      // Given an object, it would send a form field `metadata[n]`.
      expect(await values.update(key, { ...inNamespace, value: "a value", metadata: '{"n":1}' })).toEqual({});
      expect(await rest.kv.get(key)).toBe("a value");
      expect(await (await values.get(key, inNamespace)).text()).toBe("a value");
      expect(await metadata.get(key, inNamespace)).toEqual({ n: 1 });
      expect(await values.delete(key, inNamespace)).toEqual({});
      expect(await refusal(values.get(key, inNamespace))).toEqual({ status: 404, code: 10009 });
    },
  );

  test("values of bytes, with an expiration", async () => {
    const { values } = cloudflare.kv.namespaces;
    const value = new File([ALL_BYTES], "value");
    const expiration = Math.floor(Date.now() / 1000) + 3600;
    await values.update("bytes", { ...inNamespace, value, expiration });
    const response = await values.get("bytes", inNamespace);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(ALL_BYTES);
    expect(response.headers.get("expiration")).toBe(String(expiration));

    const before = Math.floor(Date.now() / 1000);
    await values.update("bytes", { ...inNamespace, value, expiration_ttl: 60 });
    const { expiration: soon } = await rest.kv.getWithMetadata("bytes", "arrayBuffer");
    expect(soon).toBeGreaterThanOrEqual(before + 60);
    expect(soon!).toBeLessThan(expiration);
    expect(await refusal(values.update("bytes", { ...inNamespace, value, expiration_ttl: 59 }))).toMatchObject({
      status: 400,
    });
  });

  test("metadata: null where there is none, 404 where there is no key", async () => {
    await rest.kv.put("a", "1");
    expect(await cloudflare.kv.namespaces.metadata.get("a", inNamespace)).toBeNull();
    expect(await refusal(cloudflare.kv.namespaces.metadata.get("b", inNamespace))).toEqual({
      status: 404,
      code: 10009,
    });
  });

  test("keys: list over pages, with a prefix", async () => {
    await rest.kv.putMany(
      Array.from({ length: 45 }, (_, i) => ({ key: `key/${String(i).padStart(2, "0")}`, value: "", metadata: i })),
    );
    await rest.kv.put("other", "", { expirationTtl: 60 });
    const { keys } = cloudflare.kv.namespaces;
    const names = (await collect(keys.list(id, { ...inAccount, prefix: "key/", limit: 20 }))).map(
      ({ name, metadata }) => [name, metadata],
    );
    expect(names).toEqual(Array.from({ length: 45 }, (_, i) => [`key/${String(i).padStart(2, "0")}`, i]));
    expect(rest.server.requests.byRoute["GET /:namespace/keys"]).toBe(3);

    const page = await keys.list(id, { ...inAccount, prefix: "key/", limit: 20 });
    expect(page.result_info).toMatchObject({ count: 20, cursor: expect.stringMatching(/./) });
    const last = await keys.list(id, { ...inAccount, prefix: "other" });
    expect(last.result).toEqual([{ name: "other", expiration: expect.any(Number) }]);
    expect(last.result_info).toMatchObject({ count: 1, cursor: "" });
    expect(await refusal(keys.list(id, { ...inAccount, limit: 9 }))).toMatchObject({ status: 400 });
  });

  // The same three methods are on `namespaces` and, deprecated, on `namespaces.keys`.
  test.for(["namespaces", "keys"] as const)("bulk update, get, delete of %s", async (where) => {
    const { namespaces } = cloudflare.kv;
    const bulk: Pick<typeof namespaces, "bulkUpdate" | "bulkGet" | "bulkDelete"> =
      where === "keys" ? namespaces.keys : namespaces;
    const body = [
      ...UNUSUAL_KEYS.map((key) => ({ key, value: `value of ${key}`, metadata: { n: 1 } })),
      { key: "json", value: '{"a":[1]}' },
      { key: "bytes", value: Buffer.from(ALL_BYTES).toString("base64"), base64: true },
      { key: "short", value: "1", expiration_ttl: 3600 },
    ];
    expect(await bulk.bulkUpdate(id, { ...inAccount, body })).toEqual({
      successful_key_count: body.length,
      unsuccessful_keys: [],
    });
    expect(new Uint8Array((await rest.kv.get("bytes", "arrayBuffer"))!)).toEqual(ALL_BYTES);

    const keys = [...UNUSUAL_KEYS, "missing"];
    const texts = await bulk.bulkGet(id, { ...inAccount, keys });
    for (const key of UNUSUAL_KEYS)
      expect(Object.getOwnPropertyDescriptor(texts!.values, key)!.value).toBe(`value of ${key}`);
    expect(texts!.values!["missing"]).toBeNull();
    expect(await bulk.bulkGet(id, { ...inAccount, keys: ["json"], type: "json" })).toEqual({
      values: { json: { a: [1] } },
    });
    const withMetadata = await bulk.bulkGet(id, {
      ...inAccount,
      keys: ["a#b", "short", "missing"],
      withMetadata: true,
    });
    expect(withMetadata).toEqual({
      values: {
        "a#b": { value: "value of a#b", metadata: { n: 1 } },
        short: { value: "1", metadata: null, expiration: expect.any(Number) },
        missing: null,
      },
    });
    expect(await refusal(bulk.bulkGet(id, { ...inAccount, keys: ["json", "bytes"] }))).toEqual({
      status: 400,
      code: 10029,
    });

    const deleted = await bulk.bulkDelete(id, { ...inAccount, body: [...body.map(({ key }) => key), "missing"] });
    expect(deleted).toEqual({ successful_key_count: body.length + 1, unsuccessful_keys: [] });
    expect(await listAll(rest.kv)).toEqual([]);
  });

  test("a wrong token, a wrong account, a wrong namespace", async () => {
    const stranger = new Cloudflare({ baseURL: rest.server.url, apiToken: "wrong", maxRetries: 0 });
    expect(await refusal(stranger.kv.namespaces.get(id, inAccount))).toEqual({ status: 403, code: 10000 });
    expect(await refusal(cloudflare.kv.namespaces.get(id, { account_id: "nobody" }))).toEqual({
      status: 404,
      code: 7003,
    });
    expect(await refusal(cloudflare.kv.namespaces.get("nothing", inAccount))).toMatchObject({ status: 404 });
    const byKey = new Cloudflare({
      baseURL: rest.server.url,
      apiEmail: "a@example.com",
      apiKey: TOKEN,
      apiToken: null,
      maxRetries: 0,
    });
    expect(await byKey.kv.namespaces.get(id, inAccount)).toMatchObject({ title: "test" });
  });
});

describe("unstorage's cloudflare-kv-http driver against the server", () => {
  const rest = useRest();
  let storage: Storage;

  function mount(options: { base?: string } = {}): Storage {
    const driver: Driver = cloudflareKVHTTP({
      apiURL: new URL(rest.server.url).origin,
      accountId: rest.server.account,
      namespaceId: rest.server.namespaces[0]!.id,
      apiToken: TOKEN,
      ...options,
    });
    return createStorage({ driver });
  }
  beforeEach(() => {
    storage = mount();
  });

  test("set, has, get, remove", async () => {
    await storage.setItem("user:1", { name: "Ada" });
    expect(await rest.kv.get("user:1", "json")).toEqual({ name: "Ada" });
    expect(await storage.hasItem("user:1")).toBe(true);
    expect(await storage.getItem("user:1")).toEqual({ name: "Ada" });
    await storage.removeItem("user:1");
    expect(await storage.hasItem("user:1")).toBe(false);
    expect(await storage.getItem("user:1")).toBeNull();
  });

  test("texts, as they are", async () => {
    for (const value of ["", "text", "a\r\nb", "😀"]) {
      await storage.setItemRaw("text", value);
      expect(await rest.kv.get("text")).toBe(value);
    }
  });

  test("ttl", async () => {
    const before = Math.floor(Date.now() / 1000);
    await storage.setItem("short", "1", { ttl: 600 });
    await storage.setItem("raised", "1", { ttl: 1 });
    const after = Math.floor(Date.now() / 1000);
    const [raised, short] = (await rest.kv.list()).keys;
    expect(short!.expiration).toBeGreaterThanOrEqual(before + 600);
    expect(raised!.expiration).toBeLessThanOrEqual(after + 60);
  });

  test("keys over several pages, and clear", async () => {
    const keys = Array.from({ length: 1100 }, (_, i) => `key:${String(i).padStart(4, "0")}`);
    await rest.kv.putMany(keys.map((key) => ({ key, value: "1" })));
    await rest.kv.put("other", "1");
    expect((await storage.getKeys("key")).toSorted()).toEqual(keys);
    expect(await storage.getKeys()).toHaveLength(1101);
    await storage.clear();
    expect(await listAll(rest.kv)).toEqual([]);
  });

  test("with a base", async () => {
    const based = mount({ base: "cache" });
    await based.setItem("a", "1");
    expect((await rest.kv.list()).keys).toEqual([{ name: "cache:a" }]);
    expect(await based.getItem("a")).toBe(1);
    await rest.kv.put("other", "1");
    await based.clear();
    expect(await listAll(rest.kv)).toEqual([{ name: "other" }]);
  });
});
