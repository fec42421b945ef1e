import { createGateway, createToken, hashToken, type GatewayOptions } from "@kvplug/gateway";
import { afterEach, describe, expect, test, vi } from "vitest";
import { startWorker } from "./worker.ts";

describe("the thousand operations of an invocation", () => {
  const keys = Array.from({ length: 1002 }, (_, i) => `key:${i}`);

  test("are spent on the first keys of a bulk, and the others are told", async () => {
    const worker = await startWorker();
    const put = await worker.ask(
      "PUT",
      "bulk",
      keys.map((key) => ({ key, value: "1" })),
    );
    expect(put.body.result).toEqual({ successful_key_count: 1000, unsuccessful_keys: ["key:1000", "key:1001"] });
    const deleted = await worker.ask("POST", "bulk/delete", keys.toReversed());
    expect(deleted.body.result).toEqual({ successful_key_count: 1000, unsuccessful_keys: ["key:1", "key:0"] });
    expect(worker.operations).toEqual([1000, 1000]);
    expect((await worker.kv.list()).keys.map(({ name }) => name)).toEqual(["key:0", "key:1"]);
  });

  test("suffice for what a request may read", async () => {
    const worker = await startWorker();
    const odd = keys.slice(0, 100);
    await Promise.all(odd.map((key) => worker.kv.put(key, "\ufffd")));
    const read = await worker.ask("POST", "bulk/get", { keys: odd });
    expect(Object.keys(read.body.result.values)).toHaveLength(100);
    expect(worker.operations).toEqual([101]);
  });
});

describe("a key that is written too fast", () => {
  /** From now on timers, by which the gateway waits, fire at once, and the clock passes by as much as they were to wait. */
  const skipWaits = (): void => {
    vi.useFakeTimers({ toFake: ["setTimeout", "performance"] }).setTimerTickMode("nextTimerAsync");
  };
  afterEach(() => {
    vi.useRealTimers();
  });

  test("is written when KV takes it, and no 429 is seen", async () => {
    const worker = await startWorker({}, { writeInterval: 1000 });
    skipWaits();
    const answers = [];
    for (const value of ["1", "2"]) answers.push(await worker.ask("PUT", "values/a", value));
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(await worker.kv.get("a")).toBe("2");
    expect(worker.operations[1]).toBeGreaterThan(1);
  });

  test("of a bulk is waited for as well", async () => {
    const worker = await startWorker({}, { writeInterval: 1000 });
    skipWaits();
    await worker.ask("PUT", "values/a", "1");
    const put = await worker.ask(
      "PUT",
      "bulk",
      ["a", "b"].map((key) => ({ key, value: "2" })),
    );
    expect(put.body.result).toEqual({ successful_key_count: 2, unsuccessful_keys: [] });
    expect(await worker.kv.get("a")).toBe("2");
  });

  test("is told where waiting does not help", async () => {
    const worker = await startWorker({}, { failing: () => "KV PUT failed: 429 Too Many Requests" });
    skipWaits();
    const [alone, bulk] = await Promise.all([
      worker.ask("PUT", "values/a", "1"),
      worker.ask("PUT", "bulk", [{ key: "b", value: "1" }]),
    ]);
    expect([alone.status, alone.body.errors[0].code]).toEqual([429, 10429]);
    expect(bulk.body.result.unsuccessful_keys).toEqual(["b"]);
  });
});

describe("an expiration beyond the 32 bits of a binding", () => {
  /** In 2040. */
  const far = 2_208_988_800;
  const tooFar = Math.floor(Date.now() / 1000) + 2 ** 31 + 60;

  test("is kept, in single writes and in bulk", async () => {
    const worker = await startWorker();
    await worker.ask("PUT", `values/one?expiration=${far}`, "1");
    await worker.ask("PUT", "bulk", [{ key: "two", value: "1", expiration: far, metadata: { a: 1 } }]);
    const { keys } = await worker.kv.list();
    expect(keys.map(({ name }) => name)).toEqual(["one", "two"]);
    expect(keys[1]!.metadata).toEqual({ a: 1 });
    for (const { expiration } of keys) expect(Math.abs(expiration! - far)).toBeLessThanOrEqual(1);
    expect(worker.lives).toEqual([{ expirationTtl: expect.any(Number) }, { expirationTtl: expect.any(Number) }]);
  });

  test.for([-(2 ** 31) - 1, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 0])(
    "does not matter beside a ttl, which wins: %i",
    async (expiration) => {
      const worker = await startWorker();
      const life = { expiration, expiration_ttl: 60 };
      const alone = await worker.ask("PUT", `values/one?expiration=${expiration}&expiration_ttl=60`, "1");
      const bulk = await worker.ask("PUT", "bulk", [{ key: "two", value: "1", ...life }]);
      expect([alone.status, bulk.status]).toEqual([200, 200]);
      expect(worker.lives).toEqual([{ expirationTtl: 60 }, { expirationTtl: 60 }]);
    },
  );

  test.for([
    ["expiration", tooFar],
    ["expiration_ttl", 2 ** 31],
  ] as const)("is refused where a ttl does not reach it either: %s", async ([name, seconds]) => {
    const worker = await startWorker();
    const alone = await worker.ask("PUT", `values/a?${name}=${seconds}`, "1");
    const bulk = await worker.ask("PUT", "bulk", [
      { key: "b", value: "1" },
      { key: "c", value: "1", [name]: seconds },
    ]);
    for (const { status, body } of [alone, bulk]) {
      expect([status, body.errors[0].code]).toEqual([400, 10012]);
      expect(body.errors[0].message).toContain("2147483647, 68 years");
    }
    expect(worker.operations).toEqual([0, 0]);
    expect((await worker.kv.list()).keys).toEqual([]);
  });
});

describe("what KV refuses", () => {
  test.for([
    ["KV PUT failed: 413 Value length exceeds limit", 413, 10012],
    ["KV PUT failed: 400 Invalid expiration", 400, 10012],
    ["KV PUT failed: 503 Service Unavailable", 502, 10001],
    ["KV put() limit exceeded for the day.", 429, 10048],
    ["Network connection lost.", 502, 10001],
  ] as const)("%s", async ([message, status, code]) => {
    const worker = await startWorker({}, { failing: () => message });
    const answer = await worker.ask("PUT", "values/a", "1");
    expect([answer.status, answer.body.errors[0].code]).toEqual([status, code]);
    // Of a bulk of which nothing is written, it says more than the keys.
    const bulk = await worker.ask("PUT", "bulk", [{ key: "a", value: "1" }]);
    expect([bulk.status, bulk.body.errors[0].code]).toEqual([status, code]);
  });

  test("of reads is no write that came too soon", async () => {
    const worker = await startWorker({}, { reading: "KV GET failed: 429 Too Many Requests" });
    const { status, body } = await worker.ask("GET", "values/a");
    expect(status).toBe(429);
    expect(body.errors[0].message).not.toContain("write");
  });

  test("of a bulk is told by its keys", async () => {
    const worker = await startWorker({}, { failing: (key) => (key === "b" ? "Network connection lost." : undefined) });
    const put = await worker.ask(
      "PUT",
      "bulk",
      ["a", "b", "c"].map((key) => ({ key, value: "1" })),
    );
    expect(put.body.result).toEqual({ successful_key_count: 2, unsuccessful_keys: ["b"] });
  });
});

test("the edge keeps values for as long as the gateway says, or the read", async () => {
  const [plain, kept] = [await startWorker(), await startWorker({ cacheTtl: 300 })];
  for (const worker of [plain, kept]) {
    await worker.kv.put("a", "1");
    await worker.ask("GET", "values/a");
    for (const path of ["values/a", "metadata/a"])
      await worker.ask("GET", path, undefined, { "kvplug-cache-ttl": "30" });
    await worker.ask("POST", "bulk/get", { keys: ["a", "b"] }, { "kvplug-cache-ttl": "86400" });
  }
  expect(plain.cacheTtls).toEqual([undefined, 30, 30, 86_400]);
  expect(kept.cacheTtls).toEqual([300, 30, 30, 86_400]);
});

test("a read that asks the edge to keep a value for too long is refused", async () => {
  const worker = await startWorker();
  for (const ttl of ["29", "2147483648", "9999999999", "9".repeat(4000)]) {
    const answer = await worker.ask("GET", "values/a", undefined, { "kvplug-cache-ttl": ttl });
    expect(answer.status).toBe(400);
    expect(answer.body.errors[0].message).toContain("must be whole seconds from 30 to 2147483647");
    expect(answer.body.errors[0].message.length).toBeLessThan(200);
  }
  expect(worker.operations).toEqual([0, 0, 0, 0]);
});

test("a bulk of a namespace that is called values may hold no more than another", async () => {
  const worker = await startWorker({ namespaces: { KV: { id: "kv-id", title: "values" } } });
  const url = "http://gateway/client/v4/accounts/a/storage/kv/namespaces/values/bulk";
  const answer = await worker.fetch(url, {
    method: "PUT",
    headers: { ...worker.headers, "content-length": "10000001" },
  });
  expect(answer.status).toBe(413);
});

test("a bulk read of a wrong type is refused in few words", async () => {
  const worker = await startWorker();
  const { status, body } = await worker.ask("POST", "bulk/get", { keys: ["a"], type: "x".repeat(10_000) });
  expect(status).toBe(400);
  expect(body.errors[0].message.length).toBeLessThan(200);
});

describe("options", () => {
  test.for([
    ["none at all", {}, "namespaces must name at least one binding"],
    ["no namespaces", { namespaces: {} }, "namespaces must name at least one binding"],
    ["an unknown one", { namespaces: { KV: "a" }, cachettl: 60 }, 'no option "cachettl"'],
    ["an empty id", { namespaces: { KV: "" } }, "namespaces.KV.id must be a non-empty string"],
    ["an unknown one of a namespace", { namespaces: { KV: { id: "a", name: "b" } } }, '"name"'],
    ["an id twice", { namespaces: { A: "a", B: "a" } }, 'namespaces has two with the id "a".'],
    ["a title twice", { namespaces: { A: { id: "a", title: "B" }, B: "b" } }, 'two with the title "B".'],
    ["too short a cacheTtl", { namespaces: { KV: "a" }, cacheTtl: 29 }, "from 30 to 2147483647, not 29."],
    ["too long a cacheTtl", { namespaces: { KV: "a" }, cacheTtl: 2 ** 31 }, "from 30 to 2147483647, not 2147483648."],
    ["an empty account", { namespaces: { KV: "a" }, account: "" }, "account must be a non-empty string"],
  ])("%s", ([, options, says]) => {
    expect(() => createGateway(options as unknown as GatewayOptions)).toThrow(
      expect.objectContaining({ code: "KV_INVALID", message: expect.stringContaining(says as string) }),
    );
  });
});

describe("tokens", () => {
  test("are random, and hashed as SHA-256", async () => {
    const [one, other] = [createToken(), createToken()];
    expect(one).toMatch(/^kvplug_[0-9a-f]{64}$/);
    expect(one).not.toBe(other);
    // As `printf %s … | sha256sum` says.
    expect(await hashToken("0123456789abcdef0123456789abcdef")).toBe(
      "3eb1bd439947eb762998e566ccc2e099c791118b2f40579cc4f7da2b5061b7f9",
    );
  });

  test("that could be guessed are not hashed", async () => {
    await expect(hashToken("password")).rejects.toMatchObject({ code: "KV_INVALID" });
    await expect(hashToken("password")).rejects.not.toThrow("password1");
  });

  describe("and their secrets", () => {
    const { error } = console;
    const log: string[] = [];
    afterEach(() => {
      console.error = error;
      log.length = 0;
    });

    test.for([
      ["not JSON", "{"],
      ["no object", "1"],
      ["no hash", { sha256: "short" }],
      ["no access", { access: "all" }],
      ["an unknown name", { prefix: "a" }],
      ["no namespaces", { namespaces: [] }],
      ["prefixes that are none", { prefixes: "a" }],
      ["a prefix that breaks off", { prefixes: ["a\ud83d"] }],
    ] as const)("with %s let nobody in, and the log names no hash", async ([, secret]) => {
      console.error = (line: string) => log.push(line);
      const token = createToken();
      const sha256 = await hashToken(token);
      const text = typeof secret === "string" ? secret : JSON.stringify({ sha256, access: "read", ...secret });
      const gateway = createGateway({ namespaces: { KV: "id" } });
      const request = new Request("http://gateway/client/v4/accounts/a/storage/kv/namespaces", {
        headers: { authorization: `Bearer ${token}` },
      });
      expect((await gateway.fetch(request, { KVPLUG_TOKEN_A: text })).status).toBe(403);
      expect(log[0]).toContain("The secret KVPLUG_TOKEN_A grants no access: ");
      expect(log.join()).not.toContain(sha256);
      expect(log.join()).not.toContain(token);
    });

    test("with the hash of another let nobody in, since nobody knows which scope is meant", async () => {
      console.error = (line: string) => log.push(line);
      const token = createToken();
      const sha256 = await hashToken(token);
      const gateway = createGateway({ namespaces: { KV: "id" } });
      const request = new Request("http://gateway/client/v4/accounts/a/storage/kv/namespaces", {
        headers: { authorization: `Bearer ${token}` },
      });
      const env = {
        KVPLUG_TOKEN_A: JSON.stringify({ sha256, access: "read" }),
        KVPLUG_TOKEN_B: JSON.stringify({ sha256: sha256.toUpperCase(), access: "read-write" }),
      };
      expect((await gateway.fetch(request, env)).status).toBe(403);
      expect(log.slice(0, 2)).toEqual([
        "The secret KVPLUG_TOKEN_A grants no access: KVPLUG_TOKEN_B has the same sha256.",
        "The secret KVPLUG_TOKEN_B grants no access: KVPLUG_TOKEN_A has the same sha256.",
      ]);
      expect(log.join()).not.toContain(sha256);
    });
  });
});
