import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createKV } from "@kvplug/core";
import { hashToken } from "@kvplug/gateway";
import { eventually } from "../support/eventually.ts";
import { startGateway, type Answer, type RunningGateway } from "../support/gateway.ts";
import { clear, listAll } from "../support/namespace.ts";

const KEYS = ["a:1", "a:2", "b:1", "c:1", "secret"];

let gateway: RunningGateway;
let leaked: string;

beforeAll(async () => {
  leaked = await hashToken("the token of a secret whose scope is mistyped");
  gateway = await startGateway({
    gateway: { namespaces: { MAIN: { id: "main-id", title: "main" }, OTHER: { id: "other-id", title: "other" } } },
    tokens: {
      reader: { access: "read" },
      main: { access: "read-write", namespaces: ["main"] },
      ab: { access: "read-write", namespaces: ["main-id"], prefixes: ["b:", "a:", "a:1"] },
    },
    secrets: {
      KVPLUG_TOKEN_MISTYPED: JSON.stringify({ sha256: leaked, acces: "read" }),
      KVPLUG_TOKEN_BROKEN: "{",
      OTHER_SECRET: JSON.stringify({ sha256: await hashToken("x".repeat(40)), access: "read-write" }),
    },
  });
});
beforeEach(async () => {
  const kv = await gateway.bound("MAIN");
  await clear(kv);
  await Promise.all(KEYS.map((key) => kv.put(key, `value of ${key}`)));
});
afterAll(() => gateway.close());

const codeOf = ({ status, body }: Answer): [number, number] => [status, body.errors[0].code];
const stored = async (): Promise<string[]> => (await listAll(await gateway.bound("MAIN"))).map(({ name }) => name);

describe("a bad token", () => {
  test.for([
    ["none", {}],
    ["an empty one", { authorization: "Bearer " }],
    ["a wrong one", { authorization: `Bearer kvplug_${"0".repeat(64)}` }],
    ["the beginning of a good one", (good: string) => ({ authorization: `Bearer ${good.slice(0, -1)}` })],
    ["a good one and more", (good: string) => ({ authorization: `Bearer ${good}0` })],
    ["a good one in capitals", (good: string) => ({ authorization: `Bearer ${good.toUpperCase()}` })],
    ["a good one under another scheme", (good: string) => ({ authorization: `Basic ${good}` })],
    ["a good one as a key without an e-mail", (good: string) => ({ "x-auth-key": good })],
    ["a hash", () => ({ authorization: `Bearer ${leaked}` })],
    [
      "that of a secret which cannot be read",
      { authorization: "Bearer the token of a secret whose scope is mistyped" },
    ],
    ["that of another secret", { authorization: `Bearer ${"x".repeat(40)}` }],
  ] as const)("%s learns nothing", async ([, given]) => {
    const headers = typeof given === "function" ? given(gateway.token) : given;
    const ask = async (path: string): Promise<unknown> => {
      const response = await fetch(`${gateway.url}${path}`, { headers });
      expect(response.headers.get("kvplug-limits")).toBeNull();
      return [response.status, await response.json()];
    };
    const refused = [
      403,
      { success: false, errors: [{ code: 10000, message: "Authentication error" }], messages: [], result: null },
    ];
    expect(await ask("/accounts/a/storage/kv/namespaces")).toEqual(refused);
    expect(await ask("/accounts/a/storage/kv/namespaces/main-id/values/a:1")).toEqual(refused);
    expect(await ask("/accounts/a/storage/kv/namespaces/none/values/a:1")).toEqual(refused);
    expect(await ask("/nowhere")).toEqual(refused);
  });

  test("the driver says so", async () => {
    const kv = gateway.open({ apiToken: "wrong" });
    await expect(kv.get("a")).rejects.toMatchObject({ code: "KV_AUTH", httpStatus: 403 });
    await kv.close();
  });
});

test("the log names the secrets that cannot be read, and nothing else", async () => {
  await gateway.ask("GET", "/main/values/a:1");
  await eventually(() => expect(gateway.log).toHaveLength(2));
  expect(gateway.log.toSorted()).toEqual([
    "The secret KVPLUG_TOKEN_BROKEN grants no access: it is not JSON.",
    'The secret KVPLUG_TOKEN_MISTYPED grants no access: "acces" is not one of sha256, access, namespaces and prefixes.',
  ]);
});

test("a good one is taken as a key beside an e-mail as well", async () => {
  const { url, token } = gateway;
  const headers = { "x-auth-key": token, "x-auth-email": "ada@example.com" };
  expect((await fetch(`${url}/accounts/a/storage/kv/namespaces/main/values/a:1`, { headers })).status).toBe(200);
});

describe("a token that may read", () => {
  const ask = (method: string, path: string, body?: unknown): Promise<Answer> =>
    gateway.ask(method, path, {
      token: gateway.tokens["reader"]!,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });

  test("reads values, metadata, many and listings of all namespaces", async () => {
    expect((await ask("GET", "/main/values/a:1")).text).toBe("value of a:1");
    expect((await ask("GET", "/main/metadata/a:1")).body.result).toBeNull();
    expect((await ask("POST", "/main/bulk/get", { keys: ["a:1"] })).body.result.values).toEqual({
      "a:1": "value of a:1",
    });
    expect((await ask("GET", "/main/keys")).body.result).toHaveLength(KEYS.length);
    expect((await ask("GET", "")).body.result.map(({ title }: { title: string }) => title)).toEqual(["main", "other"]);
  });

  test.for([
    ["PUT", "/main/values/a:1", "x"],
    ["DELETE", "/main/values/a:1"],
    ["PUT", "/main/bulk", [{ key: "a:1", value: "x" }]],
    ["POST", "/main/bulk/delete", ["a:1"]],
    ["DELETE", "/main/bulk", ["a:1"]],
    ["POST", "", { title: "new" }],
    ["PUT", "/main", { title: "new" }],
    ["DELETE", "/main"],
  ] as const)("is refused %s %s", async ([method, path, body]) => {
    expect(codeOf(await ask(method, path, body))).toEqual([403, 10403]);
    expect((await ask("GET", "/main/values/a:1")).text).toBe("value of a:1");
  });
});

describe("a token for one namespace", () => {
  const ask = (path: string): Promise<Answer> => gateway.ask("GET", path, { token: gateway.tokens["main"]! });

  test("sees no other, by whatever name", async () => {
    expect((await ask("")).body).toMatchObject({
      result: [{ id: "main-id", title: "main" }],
      result_info: { total_count: 1 },
    });
    for (const path of ["", "/keys", "/values/a:1", "/metadata/a:1"]) {
      for (const other of ["other", "other-id"]) {
        expect(await ask(`/${other}${path}`)).toMatchObject({ status: 404, text: (await ask(`/none${path}`)).text });
      }
    }
  });
});

describe("a token for prefixes", () => {
  const ask = (method: string, path: string, body?: unknown): Promise<Answer> =>
    gateway.ask(method, path, {
      token: gateway.tokens["ab"]!,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });

  test("does all with its own keys", async () => {
    const kv = createKV({ ...gateway.options(), namespaceId: "main", apiToken: gateway.tokens["ab"]! });
    await kv.putMany([
      { key: "a:1", value: "1" },
      { key: "b:2", value: "2" },
    ]);
    await kv.delete("b:1");
    expect([...(await kv.get(["a:1", "a:2", "b:1", "b:2"])).values()]).toEqual(["1", "value of a:2", null, "2"]);
    expect((await listAll(kv)).map(({ name }) => name)).toEqual(["a:1", "a:2", "b:2"]);
    expect(await kv.clear()).toBe(3);
    await kv.close();
    expect(await stored()).toEqual(["c:1", "secret"]);
  });

  test.for([
    ["GET", "/main/values/KEY"],
    ["GET", "/main/metadata/KEY"],
    ["POST", "/main/bulk/get", { keys: ["a:1", "KEY"] }],
    ["PUT", "/main/values/KEY", "x"],
    ["DELETE", "/main/values/KEY"],
    [
      "PUT",
      "/main/bulk",
      [
        { key: "a:1", value: "x" },
        { key: "KEY", value: "x" },
      ],
    ],
    ["POST", "/main/bulk/delete", ["a:1", "KEY"]],
  ] as const)("is refused %s %s outside of them, whether or not the key is there", async ([method, path, body]) => {
    const of = (key: string): Promise<Answer> =>
      ask(method, path.replace("KEY", key), body && JSON.parse(JSON.stringify(body).replace("KEY", key)));
    const [there, missing] = [await of("secret"), await of("nobody")];
    expect(codeOf(there)).toEqual([403, 10403]);
    expect(there.text.replace("secret", "nobody")).toBe(missing.text);
    expect(await stored()).toEqual(KEYS);
    expect(await (await gateway.bound("MAIN")).get("a:1")).toBe("value of a:1");
  });

  test("lists what it may see of what is asked for", async () => {
    const names = async (prefix: string): Promise<string[]> => {
      const kv = createKV({ ...gateway.options(), namespaceId: "main", apiToken: gateway.tokens["ab"]! });
      const found = await listAll(kv, { prefix });
      await kv.close();
      return found.map(({ name }) => name);
    };
    expect(await names("")).toEqual(["a:1", "a:2", "b:1"]);
    expect(await names("a")).toEqual(["a:1", "a:2"]);
    expect(await names("b:")).toEqual(["b:1"]);
    expect(await names("b:1")).toEqual(["b:1"]);
    for (const prefix of ["c", "secret", "a;"]) {
      expect(codeOf(await ask("GET", `/main/keys?prefix=${prefix}`))).toEqual([403, 10403]);
    }
  });

  test("goes through pages of several prefixes", async () => {
    const kv = await gateway.bound("MAIN");
    const keys = ["a:", "b:", "c:"].flatMap((prefix) => Array.from({ length: 15 }, (_, i) => `${prefix}${10 + i}`));
    await Promise.all(keys.map((key) => kv.put(key, "1")));
    const seen: string[] = [];
    for (let cursor = ""; ;) {
      const { body } = await ask("GET", `/main/keys?limit=10&cursor=${encodeURIComponent(cursor)}`);
      seen.push(...body.result.map(({ name }: { name: string }) => name));
      cursor = body.result_info.cursor;
      if (cursor === "") break;
    }
    const own = [...keys, ...KEYS].filter((key) => /^[ab]:/.test(key));
    expect(seen).toEqual(own.toSorted());
  });

  test("takes no cursor that leads elsewhere", async () => {
    const kv = await gateway.bound("MAIN");
    const many = Array.from({ length: 12 }, (_, i) => `hidden:${10 + i}`);
    await Promise.all(many.map((key) => kv.put(key, "1")));
    const cursorOf = async (prefix: string): Promise<string> =>
      (await gateway.ask("GET", `/main/keys?limit=10&prefix=${prefix}`)).body.result_info.cursor;
    const foreign = await cursorOf("hidden:");
    const inner = foreign.slice(foreign.indexOf(":") + 1);
    for (const cursor of [foreign, await cursorOf(""), inner, "", ":", "nonsense", `a%3A:${inner}`, `c%3A:${inner}`]) {
      const answer = await ask("GET", `/main/keys?cursor=${encodeURIComponent(cursor)}`);
      expect(answer.text).not.toContain("hidden");
      if (cursor === "" || cursor.startsWith("a%3A")) continue;
      expect(codeOf(answer)).toEqual([400, 10012]);
    }
  });
});
