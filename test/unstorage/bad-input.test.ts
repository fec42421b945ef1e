import createDriver, { kvStorage, type KVStorageOptions } from "@kvplug/unstorage";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { allOf, errorOf } from "../support/errors.ts";
import { listAll } from "../support/namespace.ts";
import { TOKEN, useRest } from "../support/rest.ts";
import { openStorage } from "./support/grounds.ts";

const rest = useRest();
const account = (): KVStorageOptions => ({
  apiURL: rest.server.url,
  accountId: rest.server.account,
  namespaceId: rest.server.namespaces[0]!.id,
  apiToken: TOKEN,
});

describe("credentials", () => {
  beforeEach(() => {
    for (const name of ["ACCOUNT_ID", "API_TOKEN", "KV_NAMESPACE_ID", "API_BASE_URL", "EMAIL", "API_KEY"]) {
      vi.stubEnv(`CLOUDFLARE_${name}`, undefined);
    }
  });
  afterEach(() => void vi.unstubAllEnvs());

  test("that are missing are missed at the first call", async () => {
    const storage = openStorage({});
    const calls = [storage.getItem("a"), storage.getKeys(), storage.setItem("a", 1), storage.clear()];
    for (const error of await Promise.all(calls.map(errorOf))) {
      expect(error.code).toBe("KV_CONFIG");
      expect(error.message).toMatch(
        /^\[@kvplug\/unstorage\] namespaceId, accountId and apiToken are missing: .* CLOUDFLARE_KV_NAMESPACE_ID/,
      );
    }
    const { apiToken: _, ...rest } = account();
    expect((await errorOf(openStorage(rest).getItem("a"))).message).toContain("set CLOUDFLARE_API_TOKEN");
  });

  test("that are missing or empty come from the environment, which may come after the factory", async () => {
    const driver = createDriver({ accountId: "", apiToken: "", apiURL: "" });
    vi.stubEnv("CLOUDFLARE_ACCOUNT_ID", rest.server.account);
    vi.stubEnv("CLOUDFLARE_API_TOKEN", TOKEN);
    vi.stubEnv("CLOUDFLARE_KV_NAMESPACE_ID", rest.server.namespaces[0]!.id);
    vi.stubEnv("CLOUDFLARE_API_BASE_URL", rest.server.url);
    await driver.setItem("a", "1");
    expect(await rest.server.kv("test").get("a")).toBe("1");
    await driver.dispose();
  });

  test("that are wrong are an error, not a miss", async () => {
    const driver = createDriver({ ...account(), apiToken: "wrong-token" });
    const error = await errorOf(driver.getItem("a"));
    expect(error).toMatchObject({ code: "KV_AUTH", message: expect.stringContaining("[@kvplug/unstorage] ") });
    expect(allOf(error)).not.toContain("wrong-token");
  });

  test("are not shown by the driver", () => {
    const { options } = createDriver({ ...account(), apiKey: "key", base: "app" });
    expect(options).toMatchObject({ apiToken: "[redacted]", apiKey: "[redacted]", base: "app" });
    const url = createDriver({ apiURL: "https://me:secret@api.example/client/v4" }).options.apiURL;
    expect(url).toBe("https://api.example/client/v4");
    expect(JSON.stringify(createDriver({ kv: rest.kv, ttl: 5 }).options)).toBe('{"ttl":5}');
  });
});

test("a namespace that does not exist is an error, for every call", async () => {
  const driver = createDriver({ ...account(), namespaceId: "0".repeat(32) });
  const calls = [
    driver.getItem("a"),
    driver.getItems([{ key: "a" }]),
    driver.getItemRaw("a"),
    driver.hasItem("a"),
    driver.getMeta("a"),
    driver.getKeys(),
    driver.setItem("b", "1"),
    driver.removeItem("c"),
  ];
  const errors = await Promise.all(calls.map(errorOf));
  // While it runs, reads see what it will leave.
  errors.push(await errorOf(driver.clear()));
  for (const error of errors) {
    expect(error.code).toBe("KV_NOT_FOUND");
    expect(error.message).toMatch(/^\[@kvplug\/unstorage\] /);
  }
  await driver.dispose();
});

test("an option of the API's place is called by its name here", async () => {
  const wrong = createDriver({ ...account(), apiURL: "localhost:8787" });
  expect((await errorOf(wrong.getItem("a"))).message).toMatch(
    /^\[@kvplug\/unstorage\] apiURL must be an http or https URL/,
  );
  const elsewhere = createDriver({ ...account(), namespaceId: "0".repeat(32) });
  expect((await errorOf(elsewhere.getItem("a"))).message).toMatch(/Check accountId, namespaceId and apiURL\.$/);
  await Promise.all([wrong.dispose(), elsewhere.dispose()]);
});

test("where the API is may be told as users of the built-in driver do", async () => {
  const { origin } = new URL(rest.server.url);
  for (const apiURL of [origin, `${origin}/`, `${origin}/client/v4`, `${origin}/client/v4/`]) {
    const driver = createDriver({ ...account(), apiURL });
    expect(await driver.getItem("a")).toBeNull();
    await driver.dispose();
  }
});

describe("options", () => {
  test.for<[string, object, string]>([
    ["a mistyped one", { minTtl: 60 }, 'createDriver has no option "minTtl". It has: accountId, namespaceId,'],
    ["a negative ttl", { ttl: -5 }, "ttl must be a number of seconds, 0 or more, not -5."],
    ["a ttl that is text", { ttl: "5" }, "ttl must be a number of seconds, 0 or more, not a string."],
    ["a minTTL that is none", { minTTL: Number.NaN }, "minTTL must be a number of seconds,"],
    ["a base that is no text", { base: 5 }, "base must be a string, not 5."],
    ["an option of the cache", { cache: { max: 5, maxAge: 1 } }, 'withCache has no option "maxAge".'],
    ["a cache without a bound", { cache: {} }, "A cache needs a bound"],
    ["a cache that is none", { cache: true }, "cache must be an object such as { max: 1000 }, not a boolean."],
    ["a cache that is null", { cache: null }, "cache must be an object such as { max: 1000 }, not null."],
    ["a kv that is none", { kv: {} }, "kv needs a KVNamespace, such as createKV() or a Worker's env.KV;"],
    ["a binding that is none", { binding: {} }, "binding needs a KVNamespace,"],
    ["a binding that is not there", { binding: "NONE" }, 'There is no binding "NONE", in globalThis or'],
    ["credentials beside a binding", { binding: "KV", apiToken: "t" }, "apiToken has no effect with binding,"],
  ])("%s is told at the first call, by all of them", async ([, options, said]) => {
    const driver = createDriver(options);
    const calls = [driver.getItem("a"), driver.setItem("a", "1"), driver.getKeys()];
    for (const error of await Promise.all(calls.map(errorOf))) {
      expect(error.message).toContain(`[@kvplug/unstorage] ${said}`);
    }
    await driver.dispose();
  });

  test.for([undefined, null, 5, "text"])("that are %s do not make the factory throw", async (options) => {
    const driver = createDriver(options as KVStorageOptions);
    expect((await errorOf(driver.getItem("a"))).message).toMatch(/^\[@kvplug\/unstorage\] /);
  });

  test("what Nitro adds is none", async () => {
    const driver = createDriver({ driver: "@kvplug/unstorage", kv: rest.kv } as KVStorageOptions);
    expect(await driver.getItem("a")).toBeNull();
  });

  test("a binding is found by its name, or taken as it is", async () => {
    vi.stubGlobal("KV", rest.kv);
    vi.stubGlobal("__env__", { STORAGE: rest.kv });
    for (const binding of ["KV", "STORAGE", rest.kv]) {
      const driver = createDriver({ binding });
      expect(await driver.getItem("a")).toBeNull();
      expect(driver.getInstance()).toBe(rest.kv);
    }
    vi.unstubAllGlobals();
  });
});

describe("of a write", () => {
  const big = "x".repeat(1000);
  test.for<[string, object, string, string]>([
    ["ttl -5", { ttl: -5 }, "KV_INVALID", 'ttl of "a" must be a number of seconds, 0 or more, not -5.'],
    ["a ttl that is no number", { ttl: "60" }, "KV_INVALID", "not a string."],
    ["an endless ttl", { ttl: Number.POSITIVE_INFINITY }, "KV_INVALID", "not Infinity."],
    ["an expiration in the past", { expiration: 1 }, "KV_LIMIT", "must be at least 60 seconds ahead"],
    ["an expiration in milliseconds", { expiration: Date.now() + 1e6 }, "KV_LIMIT", "looks like milliseconds"],
    ["a Date", { expiration: new Date() }, "KV_INVALID", "not a Date"],
    [
      "a binding's name for ttl",
      { expirationTtl: 60 },
      "KV_INVALID",
      'expirationTtl is called ttl here: rename it for "a".',
    ],
    [
      "metadata that is no object",
      { metadata: "text" },
      "KV_INVALID",
      'The metadata of "a" must be an object, not a string.',
    ],
    ["metadata that is an object, but not as JSON", { metadata: new Date() }, "KV_INVALID", "not an object (Date)."],
    [
      "metadata with our own name",
      { metadata: { $: 1 } },
      "KV_INVALID",
      'has a property "$", which this driver reserves',
    ],
    ["metadata in a circle", { metadata: circle() }, "KV_INVALID", 'The metadata of "a" cannot be serialised as JSON.'],
    ["metadata above 1,024 bytes", { metadata: { big: big + big } }, "KV_LIMIT", "Metadata may have up to 1024 bytes"],
    ["metadata that leaves us none", { metadata: { big } }, "KV_LIMIT", "of which this driver needs "],
  ])("%s", async ([, options, code, said]) => {
    const storage = openStorage({ kv: rest.kv });
    for (const call of [
      () => storage.setItem("a", 1, options),
      () => storage.setItemRaw("a", "1", options),
      () => storage.setItems([{ key: "a", value: 1, options }]),
    ]) {
      const error = await errorOf(call());
      expect(error.code).toBe(code);
      expect(error.message).toContain("[@kvplug/unstorage] ");
      expect(error.message).toContain(said);
    }
    expect(rest.server.requests.total).toBe(0);
    expect(await listAll(rest.server.kv("test"))).toEqual([]);
  });

  test("metadata of just the length that is left", async () => {
    const storage = openStorage({ kv: rest.kv });
    await storage.setItem("a", 1, { metadata: { big: "x".repeat(986) } });
    await expect(storage.setItem("a", 1, { metadata: { big: "x".repeat(987) } })).rejects.toMatchObject({
      limit: 996,
      actual: 997,
    });
  });

  test("a key of 600 bytes", async () => {
    const storage = openStorage({ kv: rest.kv, base: "app" });
    const key = "k".repeat(600);
    for (const call of [() => storage.setItem(key, 1), () => storage.getItem(key), () => storage.removeItem(key)]) {
      const error = await errorOf(call());
      expect(error).toMatchObject({ code: "KV_LIMIT", limit: 512, actual: 604 });
      expect(error.message).toContain("[@kvplug/unstorage] A key may have up to 512 bytes of UTF-8");
    }
    expect(rest.server.requests.total).toBe(0);
  });

  test("of null is one that says nothing", async () => {
    const driver = createDriver({ kv: rest.kv });
    await driver.setItem("a", "1", null as unknown as undefined);
    await driver.setItemRaw("b", "1", null as unknown as undefined);
    expect(await driver.getKeys()).toEqual(["a", "b"]);
  });

  test("raw values that are none", async () => {
    const storage = openStorage({ kv: rest.kv });
    for (const value of [{ a: 1 }, 5, null, [1, 2]]) {
      const error = await errorOf(storage.setItemRaw("a", value));
      expect(error).toMatchObject({ code: "KV_INVALID", key: "a" });
      expect(error.message).toContain('[@kvplug/unstorage] The value of "a" must be a string, an ArrayBuffer,');
    }
  });
});

describe("kvStorage", () => {
  test("is a mount for a config", () => {
    const mount = kvStorage({ base: "cache", ttl: 86_400, cache: { max: 100 }, retry: { attempts: 2 } });
    expect(JSON.parse(JSON.stringify(mount))).toEqual({
      driver: "@kvplug/unstorage",
      base: "cache",
      ttl: 86_400,
      cache: { max: 100 },
      retry: { attempts: 2 },
    });
    expect(kvStorage()).toEqual({ driver: "@kvplug/unstorage" });
    // The binding is where the app runs, not where it is built.
    expect(kvStorage({ binding: "KV", cache: { max: 1 } })).toMatchObject({ binding: "KV" });
    expect(kvStorage({ base: "" })).toEqual({ driver: "@kvplug/unstorage" });
  });

  test.for<[string, object, string]>([
    ["an option that does not exist", { minTtl: 60 }, 'kvStorage has no option "minTtl"'],
    ["a ttl that cannot be", { ttl: -5 }, "not -5."],
    [
      "a token, which would be in the build",
      { apiToken: "secret" },
      "apiToken would be written into the build. Set CLOUDFLARE_API_TOKEN where",
    ],
    [
      "a key, which would be as well",
      { apiKey: "secret" },
      "apiKey would be written into the build. Set CLOUDFLARE_API_KEY where",
    ],
    [
      "a password in a URL, which would be as well",
      { apiURL: "https://me:secret@api.example" },
      "apiURL must not contain a user name or password",
    ],
    ["a token in a URL", { apiURL: "https://secret@api.example" }, "apiURL must not contain a user name or password"],
    [
      "an option of the cache that does not exist",
      { cache: { max: 1, maxAge: 1 } },
      'withCache has no option "maxAge"',
    ],
    ["a cache that is none", { cache: true }, "cache must be an object such as { max: 1000 }, not a boolean."],
    ["an option of retry that does not exist", { retry: { attemps: 2 } }, 'retry has no option "attemps"'],
    ["a deadline that cannot be", { deadline: -1 }, "deadline must be a number of milliseconds above 0, not -1."],
    ["what is no JSON", { kv: { get: 1 } }, "A config contains JSON, but kv is an object (Object):"],
    ["a binding itself", { binding: { get: 1 } }, "A config contains JSON, but binding is an object (Object):"],
  ])("refuses %s", ([, options, said]) => {
    const refused = (): unknown => kvStorage(options);
    expect(refused).toThrow(expect.objectContaining({ code: "KV_INVALID" }));
    expect(refused).toThrow(said);
    expect(refused).not.toThrow("secret@");
  });
});

function circle(): object {
  const it: Record<string, unknown> = {};
  it["it"] = it;
  return it;
}
