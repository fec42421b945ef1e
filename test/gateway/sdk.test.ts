import Cloudflare, { APIError } from "cloudflare";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ALL_BYTES } from "../support/bytes.ts";
import { collect } from "../support/collect.ts";
import { ACCOUNT, startGateway, type RunningGateway } from "../support/gateway.ts";
import { clear, listAll } from "../support/namespace.ts";
import { UNUSUAL_KEYS } from "../support/unusual.ts";

describe("the official SDK against a gateway", () => {
  const inAccount = { account_id: ACCOUNT };
  const inNamespace = { ...inAccount, namespace_id: "kv-id" };
  let gateway: RunningGateway;
  let cloudflare: Cloudflare;

  beforeAll(async () => {
    gateway = await startGateway();
    cloudflare = new Cloudflare({ baseURL: gateway.url, apiToken: gateway.token, maxRetries: 0 });
  });
  beforeEach(async () => clear(await gateway.bound()));
  afterAll(() => gateway.close());

  const refusal = async (call: Promise<unknown>): Promise<[status: unknown, code: unknown]> => {
    const error = await call.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(APIError);
    const { status, errors } = error as APIError;
    return [status, errors[0]?.code];
  };

  test("lists and gets namespaces, and is told what cannot be done", async () => {
    const { namespaces } = cloudflare.kv;
    const test = { id: "kv-id", title: "test", supports_url_encoding: true };
    expect(await collect(namespaces.list(inAccount))).toEqual([test]);
    expect(await namespaces.get("kv-id", inAccount)).toEqual(test);
    expect(await refusal(namespaces.create({ ...inAccount, title: "a" }))).toEqual([405, 10405]);
    expect(await refusal(namespaces.delete("kv-id", inAccount))).toEqual([405, 10405]);
    expect(await refusal(namespaces.get("none", inAccount))).toEqual([404, 10013]);
  });

  test("updates, gets and deletes values and metadata of unusual keys", async () => {
    const { values, metadata } = cloudflare.kv.namespaces;
    await Promise.all(
      UNUSUAL_KEYS.map(async (key) => {
        expect(await values.update(key, { ...inNamespace, value: "a value", metadata: '{"n":1}' })).toEqual({});
        expect(await (await values.get(key, inNamespace)).text()).toBe("a value");
        expect(await metadata.get(key, inNamespace)).toEqual({ n: 1 });
        expect(await values.delete(key, inNamespace)).toEqual({});
        expect(await refusal(values.get(key, inNamespace))).toEqual([404, 10009]);
      }),
    );
  });

  test("keeps bytes", async () => {
    const { values } = cloudflare.kv.namespaces;
    await values.update("bytes", { ...inNamespace, value: new File([ALL_BYTES], "value"), expiration_ttl: 60 });
    expect(new Uint8Array(await (await values.get("bytes", inNamespace)).arrayBuffer())).toEqual(ALL_BYTES);
    expect(await refusal(values.update("bytes", { ...inNamespace, value: "1", expiration_ttl: 59 }))).toEqual([
      400, 10012,
    ]);
  });

  test("works in bulk, and lists pages", async () => {
    const { namespaces } = cloudflare.kv;
    const keys = Array.from({ length: 25 }, (_, i) => `key:${10 + i}`);
    const body = keys.map((key) => ({ key, value: key, metadata: { key } }));
    expect(await namespaces.bulkUpdate("kv-id", { ...inAccount, body })).toEqual({
      successful_key_count: 25,
      unsuccessful_keys: [],
    });
    const listed = await collect(namespaces.keys.list("kv-id", { ...inAccount, limit: 10, prefix: "key:" }));
    expect(listed.map(({ name }) => name)).toEqual(keys);
    const read = await namespaces.bulkGet("kv-id", { ...inAccount, keys: ["key:10", "none"], withMetadata: true });
    expect(read).toEqual({ values: { "key:10": { value: "key:10", metadata: { key: "key:10" } }, none: null } });
    await (await gateway.bound()).put("bytes", ALL_BYTES.buffer);
    expect(await refusal(namespaces.bulkGet("kv-id", { ...inAccount, keys: ["bytes"] }))).toEqual([400, 10029]);
    await namespaces.bulkDelete("kv-id", { ...inAccount, body: [...keys, "bytes"] });
    expect(await listAll(await gateway.bound())).toEqual([]);
  });
});
