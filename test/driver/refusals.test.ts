import { createClient, isKVError, KVError, type KV } from "@kvplug/core";
import { describe, expect, test } from "vitest";
import { streamOf } from "../support/bytes.ts";
import { collect } from "../support/collect.ts";
import { allOf, errorOf } from "../support/errors.ts";
import { accountOf, TOKEN, useRest } from "../support/rest.ts";

/** Every call there is, on one namespace. */
const CALLS: Record<string, (kv: KV) => Promise<unknown>> = {
  get: (kv) => kv.get("a"),
  "get of a stream": (kv) => kv.get("a", "stream"),
  "get(keys)": (kv) => kv.get(["a", "b"]),
  getWithMetadata: (kv) => kv.getWithMetadata("a"),
  "getWithMetadata of a stream": (kv) => kv.getWithMetadata("a", "stream"),
  getMetadata: (kv) => kv.getMetadata("a"),
  put: (kv) => kv.put("a", "secret-value"),
  "put with metadata": (kv) => kv.put("a", "secret-value", { metadata: "secret-metadata" }),
  "put of a stream": (kv) => kv.put("a", streamOf(new TextEncoder().encode("secret-value"))),
  delete: (kv) => kv.delete("a"),
  list: (kv) => kv.list(),
  putMany: (kv) => kv.putMany([{ key: "a", value: "secret-value" }]),
  deleteMany: (kv) => kv.deleteMany(["a"]),
  keys: (kv) => collect(kv.keys()),
  entries: (kv) => collect(kv.entries()),
  clear: (kv) => kv.clear(),
};

describe("what the API refuses", () => {
  const rest = useRest();

  /** The namespace as a client with other options sees it. */
  async function refusal(
    call: (kv: KV) => Promise<unknown>,
    { namespaceId = rest.server.namespaces[0]!.id, ...options }: Record<string, string>,
  ): Promise<KVError & Record<string, unknown>> {
    await using client = createClient({ ...accountOf(rest.server), ...options });
    const error = await errorOf(call(client.kv(namespaceId)));
    expect(error).toBeInstanceOf(KVError);
    expect(isKVError(error)).toBe(true);
    return error;
  }

  describe.for(Object.entries(CALLS))("%s", ([, call]) => {
    test("with a wrong token", async () => {
      const error = await refusal(call, { apiToken: "secret-token" });
      expect(error).toMatchObject({ code: "KV_AUTH", httpStatus: 403, errors: [{ code: 10000 }] });
      expect(error.cfRay).toMatch(/^[0-9a-f]{16}-/);
      expect(allOf(error)).not.toContain("secret");
      expect(rest.server.requests.total).toBeLessThanOrEqual(2);
    });

    test("in a namespace that does not exist", async () => {
      const error = await refusal(call, { namespaceId: "f".repeat(32) });
      expect(error).toMatchObject({ code: "KV_NOT_FOUND", httpStatus: 404, errors: [{ code: 10013 }] });
      expect(error.path).toContain("f".repeat(32));
      expect(error.message).not.toContain("f".repeat(32));
      expect(allOf(error)).not.toContain("secret");
      expect(allOf(error)).not.toContain(TOKEN);
    });

    test("in an account that does not exist", async () => {
      const error = await refusal(call, { accountId: "nobody" });
      expect(error).toMatchObject({ code: "KV_NOT_FOUND", httpStatus: 404, errors: [{ code: 7003 }] });
      expect(error.message).toContain("accountId");
      expect(error.message).not.toContain("nobody");
    });
  });

  test("the request is told: its method, its path, its key", async () => {
    const error = await refusal((kv) => kv.get("a b"), { apiToken: "wrong" });
    expect(error).toMatchObject({ method: "GET", key: "a b" });
    expect(error.path).toMatch(/^\/client\/v4\/accounts\/local\/storage\/kv\/namespaces\/.*\/values\/a%20b$/);
    expect(error.message).toMatch(/^GET values\/a%20b was answered with 403: /);
  });

  test("a base URL that leads elsewhere", async () => {
    const error = await refusal((kv) => kv.get("a"), { baseURL: rest.server.url.replace("/client/v4", "/elsewhere") });
    expect(error).toMatchObject({ code: "KV_NOT_FOUND", httpStatus: 404 });
    expect(error.message).toContain("baseURL");
  });

  test("nobody listens", async () => {
    await using client = createClient({
      ...accountOf(rest.server),
      baseURL: "http://127.0.0.1:1/client/v4",
      retry: false,
    });
    const error = await errorOf(client.kv("any").get("a"));
    expect(error).toMatchObject({ code: "KV_NETWORK", key: "a", method: "GET" });
    expect(error.cause).toBeInstanceOf(Error);
    expect(allOf(error)).not.toContain(TOKEN);
  });

  test("a cursor that no listing gave", async () => {
    await rest.kv.put("a", "1");
    await expect(rest.kv.list({ cursor: "kvplug:nonsense" })).rejects.toMatchObject({ code: "KV_INVALID" });
  });
});
