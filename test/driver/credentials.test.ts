import { inspect } from "node:util";
import { createClient, createKV } from "@kvplug/core";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { allOf, errorOf } from "../support/errors.ts";
import { accountOf, TOKEN, useRest } from "../support/rest.ts";

const VARIABLES = [
  "CLOUDFLARE_ACCOUNT_ID",
  "CLOUDFLARE_API_TOKEN",
  "CLOUDFLARE_EMAIL",
  "CLOUDFLARE_API_KEY",
  "CLOUDFLARE_API_BASE_URL",
  "CLOUDFLARE_KV_NAMESPACE_ID",
];

describe("credentials and ids", () => {
  const rest = useRest();
  const namespaceId = (): string => rest.server.namespaces[0]!.id;

  beforeEach(() => {
    for (const name of VARIABLES) vi.stubEnv(name, undefined);
  });
  afterEach(() => vi.unstubAllEnvs());

  test("all of them from the environment, at first use", async () => {
    await using kv = createKV();
    await using client = createClient();
    vi.stubEnv("CLOUDFLARE_ACCOUNT_ID", rest.server.account);
    vi.stubEnv("CLOUDFLARE_API_TOKEN", TOKEN);
    vi.stubEnv("CLOUDFLARE_API_BASE_URL", rest.server.url);
    vi.stubEnv("CLOUDFLARE_KV_NAMESPACE_ID", namespaceId());
    await kv.put("a", "1");
    expect(await kv.get("a")).toBe("1");
    expect(await client.namespaces.find("test")).toMatchObject({ id: namespaceId() });
  });

  test("what is passed wins over the environment", async () => {
    vi.stubEnv("CLOUDFLARE_ACCOUNT_ID", "another");
    vi.stubEnv("CLOUDFLARE_API_TOKEN", "another");
    vi.stubEnv("CLOUDFLARE_API_BASE_URL", "http://127.0.0.1:1");
    vi.stubEnv("CLOUDFLARE_KV_NAMESPACE_ID", "another");
    await using kv = createKV({ ...accountOf(rest.server), namespaceId: namespaceId() });
    expect(await kv.get("a")).toBeNull();
  });

  test("email and key, in place of a token, also beside a token in the environment", async () => {
    const { baseURL, accountId } = accountOf(rest.server);
    vi.stubEnv("CLOUDFLARE_API_TOKEN", "another");
    await using passed = createKV({
      baseURL,
      accountId,
      namespaceId: namespaceId(),
      email: "a@example.com",
      apiKey: TOKEN,
    });
    expect(await passed.get("a")).toBeNull();

    vi.stubEnv("CLOUDFLARE_API_TOKEN", undefined);
    vi.stubEnv("CLOUDFLARE_EMAIL", "a@example.com");
    vi.stubEnv("CLOUDFLARE_API_KEY", TOKEN);
    await using fromEnvironment = createKV({ baseURL, accountId, namespaceId: namespaceId() });
    expect(await fromEnvironment.get("a")).toBeNull();
  });

  test("a base URL with a slash at its end", async () => {
    await using kv = createKV({
      ...accountOf(rest.server),
      baseURL: `${rest.server.url}/`,
      namespaceId: namespaceId(),
    });
    expect(await kv.get("a")).toBeNull();
  });

  test.for([
    ["accountId", "CLOUDFLARE_ACCOUNT_ID"],
    ["namespaceId", "CLOUDFLARE_KV_NAMESPACE_ID"],
    ["apiToken", "CLOUDFLARE_API_TOKEN"],
  ] as const)("without %s, the error names it and %s, and nothing is sent", async ([option, variable]) => {
    for (const missing of [undefined, ""]) {
      vi.stubEnv(variable, missing);
      await using kv = createKV({ ...accountOf(rest.server), namespaceId: namespaceId(), [option]: undefined });
      const error = await errorOf(kv.get("a"));
      expect(error.code).toBe("KV_CONFIG");
      expect(error.message).toContain(option);
      expect(error.message).toContain(variable);
    }
    expect(rest.server.requests.total).toBe(0);
  });

  test("all that is missing is named at once, with what to try", async () => {
    for (const variable of ["CLOUDFLARE_ACCOUNT_ID", "CLOUDFLARE_KV_NAMESPACE_ID", "CLOUDFLARE_API_TOKEN"])
      vi.stubEnv(variable, undefined);
    await using kv = createKV();
    expect((await errorOf(kv.get("a"))).message).toBe(
      "namespaceId, accountId and apiToken are missing: pass { namespaceId, accountId, apiToken } or set " +
        "CLOUDFLARE_KV_NAMESPACE_ID, CLOUDFLARE_ACCOUNT_ID and CLOUDFLARE_API_TOKEN (or apiKey and email, " +
        "CLOUDFLARE_API_KEY and CLOUDFLARE_EMAIL). To try it without an account: npx kvplug serve.",
    );
    await using client = createClient({ accountId: "a" });
    const error = await errorOf(client.namespaces.page(1));
    expect(error.message).toMatch(/^apiToken is missing: pass \{ apiToken \} or set CLOUDFLARE_API_TOKEN \(or apiKey/);
    // An error is printed without fields that do not apply.
    expect(inspect(error)).not.toContain("undefined");
    expect(Object.keys(error)).toEqual(["name", "code", "errors"]);
  });

  test("a key without its email", async () => {
    const { baseURL, accountId } = accountOf(rest.server);
    await using kv = createKV({ baseURL, accountId, namespaceId: namespaceId(), apiKey: "secret-key" });
    const error = await errorOf(kv.get("a"));
    expect(error.code).toBe("KV_CONFIG");
    expect(error.message).toContain("email");
    expect(error.message).toContain("CLOUDFLARE_EMAIL");
    expect(allOf(error)).not.toContain("secret-key");
  });

  test.for(["secret-token\n", "secret token", "secret-tökén"])(
    "a token that no header can carry: %j",
    async (apiToken) => {
      await using kv = createKV({ ...accountOf(rest.server), namespaceId: namespaceId(), apiToken });
      const error = await errorOf(kv.get("a"));
      expect(error.code).toBe("KV_CONFIG");
      expect(error.message).toContain("apiToken");
      expect(allOf(error)).not.toContain("secret");
      expect(rest.server.requests.total).toBe(0);
    },
  );

  test.for(["api.example.com", "ftp://example.com", "http://user:secret@127.0.0.1/", "http://127.0.0.1/?secret=1"])(
    "a base URL that is none: %s",
    async (baseURL) => {
      await using kv = createKV({ ...accountOf(rest.server), namespaceId: namespaceId(), baseURL });
      const error = await errorOf(kv.get("a"));
      expect(error.code).toBe("KV_CONFIG");
      expect(error.message).toContain("baseURL");
      expect(allOf(error)).not.toContain("secret");
    },
  );
});
