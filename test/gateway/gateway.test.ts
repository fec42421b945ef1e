import { connect } from "node:net";
import { once } from "node:events";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ALL_BYTES, bytesOf } from "../support/bytes.ts";
import { ACCOUNT, startGateway, type Answer, type RunningGateway } from "../support/gateway.ts";
import { clear, listAll } from "../support/namespace.ts";

const MIB = 1024 * 1024;

let gateway: RunningGateway;

beforeAll(async () => {
  gateway = await startGateway({
    gateway: {
      namespaces: {
        KV: { id: "kv-id", title: "test" },
        TWIN: { id: "test-2", title: "twin" },
        CLASH: { id: "twin", title: "clash" },
        GONE: "gone-id",
      },
      account: ACCOUNT,
      cacheTtl: 60,
    },
    bindings: ["KV", "TWIN", "CLASH"],
    tokens: { own: { access: "read", namespaces: ["kv-id"] }, torn: { access: "read", namespaces: ["twin", "test"] } },
  });
});
beforeEach(async () => clear(await gateway.bound()));
afterAll(() => gateway.close());

const errorOf = ({ status, body }: Answer): [number, number, string] => [
  status,
  body.errors[0].code,
  body.errors[0].message,
];

describe("namespaces", () => {
  test("are listed, and named by id or title", async () => {
    expect((await gateway.ask("GET", "?order=title")).body.result).toEqual([
      { id: "gone-id", title: "GONE", supports_url_encoding: true },
      { id: "twin", title: "clash", supports_url_encoding: true },
      { id: "kv-id", title: "test", supports_url_encoding: true },
      { id: "test-2", title: "twin", supports_url_encoding: true },
    ]);
    await (await gateway.bound()).put("a", "1");
    for (const name of ["kv-id", "test"]) {
      expect((await gateway.ask("GET", `/${name}`)).body.result).toMatchObject({ id: "kv-id", title: "test" });
      expect((await gateway.ask("GET", `/${name}/values/a`)).text).toBe("1");
    }
  });

  test("cannot be created, renamed or deleted", async () => {
    const body = JSON.stringify({ title: "new" });
    expect(errorOf(await gateway.ask("POST", "", { body }))).toEqual([
      405,
      10405,
      "A gateway cannot create namespaces, because a Worker's binding cannot. Use Cloudflare's own API or wrangler.",
    ]);
    expect(errorOf(await gateway.ask("PUT", "/test", { body })).slice(0, 2)).toEqual([405, 10405]);
    expect(errorOf(await gateway.ask("DELETE", "/test")).slice(0, 2)).toEqual([405, 10405]);
    expect((await gateway.ask("GET", "/test")).status).toBe(200);
  });

  test("without a binding say so", async () => {
    const [status, code, message] = errorOf(await gateway.ask("GET", "/GONE/values/a"));
    expect([status, code]).toEqual([404, 10013]);
    expect(message).toContain('"GONE" by the binding GONE');
    expect(errorOf(await gateway.ask("GET", "/none/values/a"))).toEqual([404, 10013, "get: 'namespace not found'"]);
  });

  test("are not guessed where a name is an id and a title", async () => {
    const [status, code, message] = errorOf(await gateway.ask("GET", "/twin/values/a"));
    expect([status, code]).toEqual([400, 10013]);
    expect(message).toContain('"twin" is the id of one namespace and the title of another');
    expect((await gateway.ask("GET", "/clash/keys")).status).toBe(200);
    expect((await gateway.ask("GET", "/test-2/keys")).status).toBe(200);
    // Whose scope it is in learns of it, and nobody else.
    const torn = { token: gateway.tokens["torn"]! };
    expect(errorOf(await gateway.ask("GET", "/test/values/a", torn)).slice(0, 2)).toEqual([400, 10013]);
    const own = { token: gateway.tokens["own"]! };
    expect(errorOf(await gateway.ask("GET", "/twin/values/a", own))).toEqual([
      404,
      10013,
      "get: 'namespace not found'",
    ]);
  });

  test("are those of one account", async () => {
    const headers = { authorization: `Bearer ${gateway.token}` };
    const response = await fetch(`${gateway.url}/accounts/other/storage/kv/namespaces`, { headers });
    expect([response.status, ((await response.json()) as any).errors[0].code]).toEqual([404, 7003]);
  });
});

describe("values", () => {
  // Of 25 MiB: `large.full.test.ts`.
  test("pass in both directions, whether or not their length is told", async () => {
    const value = new Uint8Array(2 * MIB).map((_, i) => i % 251);
    const kv = gateway.open();
    await kv.put("whole", value);
    await kv.put("streamed", new Response(value).body!);
    for (const key of ["whole", "streamed"]) {
      expect(Buffer.compare(await bytesOf((await kv.get(key, "stream"))!), value)).toBe(0);
    }
    await kv.close();
  });

  test("above 25 MiB are refused before they are read, where their length is told", async () => {
    const told = await rawAsk(`PUT ${PATH}/values/a`, { "content-length": String(40 * MIB) });
    expect(told).toMatch(/^HTTP\/1.1 413 /);
    expect(await listAll(await gateway.bound())).toEqual([]);
  });

  test.for([
    ["of a length", `Content-Length: ${3 * MIB}`, ""],
    ["in chunks", "Transfer-Encoding: chunked", "200000\r\n"],
  ])("that break off are not stored: %s", async ([, length, start]) => {
    const { hostname, port } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    socket.on("error", () => {});
    socket.write(
      `PUT ${PATH}/values/broken HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${gateway.token}\r\n${length}\r\n\r\n`,
    );
    await new Promise((written) => socket.write(Buffer.concat([Buffer.from(start!), Buffer.alloc(MIB)]), written));
    socket.destroy();
    await once(socket, "close");
    // What came before it on the way is over when this is.
    await gateway.ask("PUT", "/test/values/whole", { body: "1" });
    expect((await listAll(await gateway.bound())).map(({ name }) => name)).toEqual(["whole"]);
  });

  test("come with what is known beside them", async () => {
    const kv = gateway.open();
    const expiration = Math.floor(Date.now() / 1000) + 3600;
    await kv.put("a", ALL_BYTES, { metadata: { n: 1 }, expiration });
    await kv.put("b", "", { expirationTtl: 60 });
    expect(await kv.getMetadata("a")).toEqual({ n: 1 });
    expect((await kv.list()).keys).toMatchObject([{ name: "a", metadata: { n: 1 }, expiration }, { name: "b" }]);
    expect(await kv.get("b")).toBe("");
    await kv.close();
  });

  test("expire in 2040, however they are written, though a binding takes no such expiration", async () => {
    const expiration = 2_208_988_800;
    const binding = await gateway.bound();
    await expect(binding.put("past the gateway", "1", { expiration })).rejects.toThrow("2147483647");
    const form = new FormData();
    form.set("value", "1");
    form.set("metadata", '{"n":1}');
    await gateway.ask("PUT", `/test/values/alone?expiration=${expiration}`, { body: "1" });
    await gateway.ask("PUT", `/test/values/form?expiration=${expiration}`, { body: form });
    const kv = gateway.open();
    await kv.putMany(["bulk", "many"].map((key) => ({ key, value: "1", expiration, metadata: { n: 1 } })));
    const { keys } = await kv.list();
    expect(keys.map(({ name, metadata }) => [name, metadata])).toEqual([
      ["alone", undefined],
      ["bulk", { n: 1 }],
      ["form", { n: 1 }],
      ["many", { n: 1 }],
    ]);
    // A binding counts from its own now, which may be a moment later.
    for (const key of keys) expect(key.expiration! - expiration).toBeOneOf([0, 1, 2]);
    await kv.close();
  });

  test("that no binding can let expire are refused, and a bulk as a whole", async () => {
    const expiration = Math.floor(Date.now() / 1000) + 2 ** 31 + 60;
    const pairs = [
      { key: "a", value: "1" },
      { key: "b", value: "1", expiration },
    ];
    for (const answer of [
      await gateway.ask("PUT", `/test/values/b?expiration=${expiration}`, { body: "1" }),
      await gateway.ask("PUT", "/test/values/b?expiration_ttl=2147483648", { body: "1" }),
      await gateway.ask("PUT", "/test/bulk", { body: JSON.stringify(pairs) }),
    ]) {
      const [status, code, message] = errorOf(answer);
      expect([status, code]).toEqual([400, 10012]);
      expect(message).toMatch(
        /^"b" would expire in \d+ seconds, but a Worker's binding takes at most 2147483647, 68 years/,
      );
    }
    expect(await listAll(await gateway.bound())).toEqual([]);
  });
});

test("many keys are read together, those that a binding loses as well", async () => {
  const kv = await gateway.bound();
  const keys = ["__proto__", "0", "10", "a", "😀"];
  await Promise.all(keys.map((key) => kv.put(key, `value of ${key}`, { metadata: key })));
  const body = JSON.stringify({ keys: [...keys, "none"], withMetadata: true });
  const { values } = (await gateway.ask("POST", "/test/bulk/get", { body })).body.result;
  for (const key of keys)
    expect(Object.entries(values)).toContainEqual([key, { value: `value of ${key}`, metadata: key }]);
  expect(values.none).toBeNull();
});

describe("bad input", () => {
  test("a body that says it is too large", async () => {
    const told = await rawAsk(`PUT ${PATH}/bulk`, { "content-length": "10000001" });
    expect(told).toMatch(/^HTTP\/1.1 413 /);
    expect(told).toContain("This request may have up to 10000000 bytes; its content-length is 10000001.");
    // Who is not let in is not even told that.
    const wrong = { authorization: "Bearer wrong", "content-length": "10000001" };
    expect(await rawAsk(`PUT ${PATH}/bulk`, wrong)).toMatch(/^HTTP\/1.1 403 /);
  });

  test("a body that turns out to be too large", async () => {
    const body = new Response(" ".repeat(10_000_001)).body;
    const [status, , message] = errorOf(await gateway.ask("PUT", "/test/bulk", { body }));
    expect(status).toBe(413);
    expect(message).toContain("10000000 bytes of JSON (10 MB)");
  });

  test.for([
    ["PUT", "/test/bulk", 9_000_000],
    ["POST", "/test/bulk/get", 900_000],
  ] as const)("JSON that nests without end: %s %s with %i brackets", async ([method, path, brackets]) => {
    // A token that may read could hold the Worker for seconds.
    const answer = await gateway.ask(method, path, { body: "[".repeat(brackets) });
    expect(errorOf(answer).slice(0, 2)).toEqual([400, 10012]);
  });

  test("a bulk read that says that it is as long as a bulk write", async () => {
    expect(await rawAsk(`POST ${PATH}/bulk/get`, { "content-length": "8000000" })).toMatch(/^HTTP\/1.1 413 /);
  });

  test("a form whose boundary is longer than one may be", async () => {
    // Searching for one of 252 characters would never end.
    const boundary = "b".repeat(252);
    const body = `--${boundary}\r\ncontent-disposition: form-data; name="value"\r\n\r\n${"v".repeat(1000)}`;
    const headers = { "content-type": `multipart/form-data; boundary=${boundary}` };
    const [status, code, message] = errorOf(await gateway.ask("PUT", "/test/values/a", { body, headers }));
    expect([status, code]).toEqual([400, 10012]);
    expect(message).toContain("70 characters");
  });

  test.for(["values/..", "values/%2e%2e", "values/%2E.", "values/../..", "metadata/.."])(
    "a key that is resolved away: %s",
    async (path) => {
      const told = await rawAsk(`DELETE ${PATH}/${path}`);
      expect(told).toMatch(/^HTTP\/1.1 400 /);
      expect(told).toContain("KV does not allow the keys . and ..");
    },
  );

  test.for([
    ["values/", 400],
    ["values/%", 400],
    ["values/%FF", 400],
    [`values/${"x".repeat(513)}`, 414],
  ] as const)("a key that cannot be: %s", async ([path, expected]) => {
    expect(errorOf(await gateway.ask("GET", `/test/${path}`)).slice(0, 2)).toEqual([expected, 10023]);
  });

  test.for(["0", "29", "60.5", "-60", "soon", "2147483648"])("a cacheTtl of %s", async (ttl) => {
    const answer = await gateway.ask("GET", "/test/values/a", { headers: { "kvplug-cache-ttl": ttl } });
    expect(errorOf(answer)).toEqual([
      400,
      10012,
      `kvplug-cache-ttl must be whole seconds from 30 to 2147483647, not ${JSON.stringify(ttl)}.`,
    ]);
  });

  test("a cursor that is none", async () => {
    const answer = await gateway.ask("GET", "/test/keys?cursor=abc");
    expect(errorOf(answer).slice(0, 2)).toEqual([400, 10012]);
  });
});

const PATH = `/client/v4/accounts/${ACCOUNT}/storage/kv/namespaces/test`;

/** Asks as no client would: what is sent is the request's head alone, as it is written here. */
async function rawAsk(start: string, headers: Record<string, string> = {}): Promise<string> {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  let told = "";
  socket.on("data", (data) => {
    told += data.toString();
    if (told.includes("}")) socket.destroy();
  });
  const lines = Object.entries({ host: hostname, authorization: `Bearer ${gateway.token}`, ...headers });
  socket.write(`${start} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`);
  await once(socket, "close");
  return told;
}
