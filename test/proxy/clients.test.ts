import Cloudflare from "cloudflare";
import { expect, test } from "vitest";
import { ALL_BYTES } from "../support/bytes.ts";
import { collect } from "../support/collect.ts";
import { startProxied } from "../support/proxy.ts";
import { UNUSUAL_KEYS } from "../support/unusual.ts";
import { Wrangler } from "../support/wrangler.ts";

test("the official SDK", async () => {
  await using proxied = await startProxied();
  const { server, proxy } = proxied;
  const cloudflare = new Cloudflare({ baseURL: proxy.url, apiToken: "any", maxRetries: 0 });
  const { namespaces } = cloudflare.kv;
  const id = server.namespaces[0]!.id;
  const inAccount = { account_id: server.account };
  const inNamespace = { ...inAccount, namespace_id: id };
  await Promise.all(
    UNUSUAL_KEYS.map(async (key) => {
      await namespaces.values.update(key, { ...inNamespace, value: "a value", metadata: '{"n":1}' });
      expect(await (await namespaces.values.get(key, inNamespace)).text()).toBe("a value");
      expect(await namespaces.metadata.get(key, inNamespace)).toEqual({ n: 1 });
      await namespaces.values.delete(key, inNamespace);
    }),
  );
  await namespaces.values.update("bytes", {
    ...inNamespace,
    value: new File([ALL_BYTES], "value"),
    expiration_ttl: 60,
  });
  expect(new Uint8Array(await (await namespaces.values.get("bytes", inNamespace)).arrayBuffer())).toEqual(ALL_BYTES);
  const keys = Array.from({ length: 25 }, (_, i) => `key:${10 + i}`);
  const body = keys.map((key) => ({ key, value: key, metadata: { key } }));
  expect(await namespaces.bulkUpdate(id, { ...inAccount, body })).toEqual({
    successful_key_count: 25,
    unsuccessful_keys: [],
  });
  const listed = await collect(namespaces.keys.list(id, { ...inAccount, limit: 10, prefix: "key:" }));
  expect(listed.map(({ name }) => name)).toEqual(keys);
  expect(await namespaces.bulkGet(id, { ...inAccount, keys: ["key:10", "none"], withMetadata: true })).toEqual({
    values: { "key:10": { value: "key:10", metadata: { key: "key:10" } }, none: null },
  });
  await namespaces.bulkDelete(id, { ...inAccount, body: [...keys, "bytes"] });
  expect((await collect(namespaces.list(inAccount))).map(({ title }) => title)).toEqual(["test"]);
});

test("wrangler", async () => {
  await using proxied = await startProxied();
  const { server, proxy, kv } = proxied;
  await using wrangler = await Wrangler.open({ url: proxy.url, account: server.account });
  const id = server.namespaces[0]!.id;
  await wrangler.run([
    "kv",
    "key",
    "put",
    "path/to#a key",
    "a value",
    "--namespace-id",
    id,
    "--remote",
    "--ttl",
    "600",
  ]);
  expect(await kv.getWithMetadata("path/to#a key")).toMatchObject({ value: "a value", expiration: expect.any(Number) });
});
