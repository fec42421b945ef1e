import { expect, test } from "vitest";
import { createRoutes, openKV } from "@kvplug/server";
import type { EmbeddedKV, Namespaces } from "@kvplug/server";
import { expectError, resultOf, startApi } from "./api.ts";

test("a bulk write stores values, base64, metadata and expiry; of the same key, the last wins", async () => {
  await using api = await startApi({ now: () => 1_000_000_000 });
  const answer = await api.ask("PUT", "/bulk", [
    { key: "a", value: "first" },
    { key: "a", value: "last", metadata: { n: 1 }, expiration_ttl: 60 },
    { key: "bytes", value: "AP+A", base64: true, expiration: 1_000_100 },
    { key: "plain", value: "AP+A", base64: false },
    { key: "__proto__", value: "" },
  ]);
  expect(resultOf(answer)).toEqual({ successful_key_count: 4, unsuccessful_keys: [] });
  const kv = api.server.kv("main");
  expect(await kv.getWithMetadata("a")).toMatchObject({ value: "last", metadata: { n: 1 }, expiration: 1_000_060 });
  expect(new Uint8Array((await kv.get("bytes", "arrayBuffer"))!)).toEqual(Uint8Array.of(0, 255, 128));
  expect(await kv.get(["plain", "__proto__"])).toEqual(
    new Map([
      ["plain", "AP+A"],
      ["__proto__", ""],
    ]),
  );
  expect((await api.ask("GET", "/values/bytes")).headers.get("expiration")).toBe("1000100");
});

test("a bulk read answers text or JSON, with and without metadata, and null for what is missing", async () => {
  await using api = await startApi({ now: () => 1_000_000_000 });
  const kv = api.server.kv("main");
  await kv.put("json", `{"__proto__":1}`, { metadata: "m", expirationTtl: 60 });
  await kv.put("__proto__", "[1]");
  const keys = ["json", "__proto__", "missing", "json"];
  const read = async (body: object) => (await api.ask("POST", "/bulk/get", { keys, ...body })).text;
  const answers = (values: string) => `{"success":true,"errors":[],"messages":[],"result":{"values":${values}}}`;
  const asText = answers(String.raw`{"json":"{\"__proto__\":1}","__proto__":"[1]","missing":null}`);
  expect(await read({})).toBe(asText);
  expect(await read({ type: "text", withMetadata: false })).toBe(asText);
  expect(await read({ type: "json" })).toBe(answers(`{"json":{"__proto__":1},"__proto__":[1],"missing":null}`));
  expect(await read({ type: "json", withMetadata: true })).toBe(
    answers(
      `{"json":{"value":{"__proto__":1},"metadata":"m","expiration":1000060},"__proto__":{"value":[1],"metadata":null},"missing":null}`,
    ),
  );
  expect(await read({ keys: [] })).toBe(answers("{}"));
});

test("a bulk read refuses what is no text, but not the replacement character itself", async () => {
  await using api = await startApi();
  const kv = api.server.kv("main");
  await kv.put("text", "\uFEFFa\uFFFDb");
  await kv.put("bytes", Uint8Array.of(0x61, 0xff));
  expect(resultOf(await api.ask("POST", "/bulk/get", { keys: ["text"] })).values).toEqual({ text: "\uFEFFa\uFFFDb" });
  expectError(
    await api.ask("POST", "/bulk/get", { keys: ["text", "bytes"] }),
    400,
    10029,
    "bulk get keys: 'At least one of the requested keys corresponds to a non-text value'",
  );
  expectError(await api.ask("POST", "/bulk/get", { keys: ["text"], type: "json" }), 400, 10029, /non-json/);
});

test("keys are deleted in bulk, by the deprecated route as well", async () => {
  await using api = await startApi();
  for (const [method, path] of [
    ["POST", "/bulk/delete"],
    ["DELETE", "/bulk"],
  ] as const) {
    await api.server.kv("main").put("a", "");
    await api.server.kv("main").put("b", "");
    const answer = await api.ask(method, path, ["a", "missing", "a"]);
    expect(resultOf(answer)).toEqual({ successful_key_count: 2, unsuccessful_keys: [] });
    expect(resultOf(await api.ask("GET", "/keys"))).toEqual([{ name: "b" }]);
  }
});

test("a million bytes of keys and values go in one request", async () => {
  await using api = await startApi();
  const pairs = Array.from({ length: 10_000 }, (_, index) => ({ key: `k${index}`, value: "v".repeat(100) }));
  expect(resultOf(await api.ask("PUT", "/bulk", pairs))).toMatchObject({ successful_key_count: 10_000 });
  expect((await api.ask("GET", "/keys")).body.result_info.count).toBe(1000);
  const keys = pairs.map(({ key }) => key);
  expect(resultOf(await api.ask("POST", "/bulk/delete", keys))).toMatchObject({ successful_key_count: 10_000 });
  expect(resultOf(await api.ask("GET", "/keys"))).toEqual([]);
});

test("over a namespace without bulk calls, as a Worker's is, what fails is reported", async () => {
  await using kv = openKV();
  const app = createRoutes({ account: "local", namespaces: oneNamespace(kv) });
  const ask = (method: string, path: string, body: unknown) =>
    app.request(`http://h/client/v4/accounts/local/storage/kv/namespaces/id${path}`, {
      method,
      body: JSON.stringify(body),
    });

  const put = await ask("PUT", "/bulk", [
    { key: "a", value: "1" },
    { key: "fails", value: "2" },
    { key: "a", value: "3" },
  ]);
  expect(await put.json()).toMatchObject({ result: { successful_key_count: 1, unsuccessful_keys: ["fails"] } });
  expect(await kv.get("a")).toBe("3");
  const get = await ask("POST", "/bulk/get", { keys: ["a", "fails"] });
  expect(await get.json()).toMatchObject({ result: { values: { a: "3", fails: null } } });
  const deleted = await ask("POST", "/bulk/delete", ["a", "fails"]);
  expect(await deleted.json()).toMatchObject({ result: { successful_key_count: 1, unsuccessful_keys: ["fails"] } });
  expect(await kv.get("a")).toBeNull();
  // Wherever `..` was resolved on the way here, the namespace is not what gets deleted.
  expect(
    (await app.request("http://h/client/v4/accounts/local/storage/kv/namespaces/id/values/..", { method: "DELETE" }))
      .status,
  ).toBe(404);
});

/** A namespace as a Worker knows it, in which one key cannot be written. */
function oneNamespace(kv: EmbeddedKV): Namespaces {
  const info = { id: "id", title: "title" };
  const never = (): never => {
    throw new Error("not for a Worker");
  };
  const failing = async (key: string): Promise<void> => {
    if (key === "fails") throw new Error("429");
  };
  return {
    list: () => [info],
    get: (id) => (id === "id" ? info : undefined),
    open: () => ({
      get: kv.get.bind(kv),
      getWithMetadata: kv.getWithMetadata.bind(kv),
      list: kv.list.bind(kv),
      put: async (key, ...rest) => {
        await failing(key);
        await kv.put(key, ...rest);
      },
      delete: async (key) => {
        await failing(key);
        await kv.delete(key);
      },
    }),
    create: never,
    rename: never,
    delete: never,
  };
}
