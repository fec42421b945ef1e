import { createKV } from "@kvplug/core";
import { expect, test } from "vitest";
import { ALL_BYTES } from "../support/bytes.ts";
import { startProxied } from "../support/proxy.ts";

test("copies answer what was read, as text, bytes and metadata, in one request upstream", async () => {
  await using proxied = await startProxied({ proxy: { cache: { max: 100 } } });
  const { server, ask, kv, at } = proxied;
  await server.kv("test").put("text", "a value", { metadata: { n: 1 }, expirationTtl: 3600 });
  await server.kv("test").put("bytes", ALL_BYTES.buffer);
  const read = await ask("GET", "/values/text");
  expect([read.text, Number(read.headers.get("expiration")) > Date.now() / 1000]).toEqual(["a value", true]);
  expect((await ask("GET", "/metadata/text")).body.result).toEqual({ n: 1 });
  expect(await kv.getWithMetadata("text")).toMatchObject({ value: "a value", metadata: { n: 1 } });
  expect(await kv.get(["text"])).toEqual(new Map([["text", "a value"]]));
  expect(server.requests.total).toBe(1);

  const bytes = async (): Promise<Uint8Array> => new Uint8Array(await (await fetch(at("/values/bytes"))).arrayBuffer());
  expect(await bytes()).toEqual(ALL_BYTES);
  server.requests.reset();
  expect(await bytes()).toEqual(ALL_BYTES);
  for (let i = 0; i < 3; i++) expect((await ask("GET", "/values/missing")).status).toBe(404);
  expect(server.requests.total).toBe(1);
});

test("a write through the proxy is read by all its callers, and no-cache reads what others have written", async () => {
  await using proxied = await startProxied({ proxy: { cache: { max: 100 } } });
  const { server, ask, kv } = proxied;
  expect((await ask("GET", "/values/a")).status).toBe(404);
  expect(
    (
      await ask("PUT", "/bulk", {
        body: JSON.stringify([
          { key: "a", value: "1" },
          { key: "b", value: "1" },
        ]),
      })
    ).status,
  ).toBe(200);
  expect(await kv.get("a")).toBe("1");
  expect((await ask("POST", "/bulk/delete", { body: JSON.stringify(["b"]) })).status).toBe(200);
  expect(await kv.get("b")).toBeNull();

  await server.kv("test").put("a", "from elsewhere");
  expect((await ask("GET", "/values/a")).text).toBe("1");
  expect((await ask("GET", "/values/a", { headers: { "cache-control": "no-cache" } })).text).toBe("from elsewhere");
  expect((await ask("GET", "/values/a")).text).toBe("from elsewhere");
});

test("stale copies answer while upstream is out of order", async () => {
  await using proxied = await startProxied({
    proxy: { cache: { max: 100, ttl: 1, staleIfError: 3_600_000 }, patience: 2000 },
    upstream: { retry: false },
  });
  await proxied.server.kv("test").put("a", "kept");
  expect((await proxied.ask("GET", "/values/a")).text).toBe("kept");
  await proxied.server.close();
  expect((await proxied.ask("GET", "/values/a")).text).toBe("kept");
  expect((await proxied.ask("GET", "/values/b")).status).toBe(502);
});

test("hot keys of many processes are read once, whatever they share their requests with", async () => {
  await using proxied = await startProxied({ proxy: { cache: { max: 1000 } } });
  const { server, proxy } = proxied;
  const keys = Array.from({ length: 300 }, (_, i) => `key ${i}`);
  for (const key of keys) await server.kv("test").put(key, `value of ${key}`);
  const read = async (): Promise<void> => {
    await using kv = createKV({
      baseURL: proxy.url,
      accountId: server.account,
      namespaceId: server.namespaces[0]!.id,
      apiToken: "any",
    });
    const values = await Promise.all(keys.map((key) => kv.get(key)));
    expect(values).toEqual(keys.map((key) => `value of ${key}`));
  };
  await Promise.all(Array.from({ length: 8 }, read));
  expect(server.requests.byRoute).toEqual({ "POST /:namespace/bulk/get": 3 });
});
