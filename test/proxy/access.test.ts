import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createKV } from "@kvplug/core";
import { createProxy, createToken, hashToken, type TokenSecret } from "@kvplug/proxy";
import { startServer, type RunningServer } from "@kvplug/server";
import { Agent } from "undici";
import { expect, test } from "vitest";
import { askURL, startProxied, type Proxied, type ProxyAnswer } from "../support/proxy.ts";
import { accountOf, TOKEN } from "../support/rest.ts";

/** A proxy that knows these tokens, and one asks with them. */
async function startScoped(
  grants: Record<string, Omit<TokenSecret, "sha256">>,
): Promise<Proxied & { as(name: string, method: string, path: string, body?: unknown): Promise<ProxyAnswer> }> {
  const shown: Record<string, string> = {};
  const tokens: Record<string, TokenSecret> = {};
  for (const [name, grant] of Object.entries(grants)) {
    shown[name] = createToken();
    tokens[name] = { sha256: await hashToken(shown[name]), ...grant };
  }
  const server = { namespaces: ["test", "other"].map((title) => ({ title, id: title })) };
  const proxied = await startProxied({ server, proxy: { tokens } });
  return {
    ...proxied,
    as: (name, method, path, body) =>
      askURL(`${proxied.proxy.url}/accounts/local/storage/kv/namespaces${path}`, method, {
        headers: { authorization: `Bearer ${shown[name] ?? name}` },
        ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
      }),
  };
}

test("a token sees its namespaces, its prefixes, and may do what it may", async () => {
  await using proxied = await startScoped({
    all: { access: "read-write" },
    reader: { access: "read" },
    scoped: { access: "read-write", namespaces: ["test"], prefixes: ["b:", "a:"] },
  });
  const { as, server } = proxied;
  for (const key of ["a:1", "a:2", "b:1", "c:1"]) await server.kv("test").put(key, key);

  expect((await as("all", "GET", "/test/values/c:1")).text).toBe("c:1");
  expect((await as("reader", "GET", "/test/values/c:1")).text).toBe("c:1");
  expect((await as("reader", "POST", "/test/bulk/get", { keys: ["a:1"] })).body.result.values).toEqual({
    "a:1": "a:1",
  });
  for (const [method, path, body] of [
    ["PUT", "/test/values/a:1", "x"],
    ["DELETE", "/test/values/a:1"],
    ["PUT", "/test/bulk", [{ key: "a:1", value: "x" }]],
    ["POST", "/test/bulk/delete", ["a:1"]],
    ["POST", "", { title: "new" }],
    ["DELETE", "/test"],
  ] as const) {
    const { status, body: answer } = await as("reader", method, path, body);
    expect([method, path, status, answer.errors[0].code]).toEqual([method, path, 403, 10403]);
  }

  expect((await as("scoped", "GET", "/test/values/a:1")).text).toBe("a:1");
  expect((await as("scoped", "PUT", "/test/values/a:3", "x")).status).toBe(200);
  expect((await as("scoped", "GET", "/test/keys")).body.result.map(({ name }: { name: string }) => name)).toEqual([
    "a:1",
    "a:2",
    "a:3",
  ]);
  for (const [method, path, body] of [
    ["GET", "/test/values/c:1"],
    ["GET", "/test/metadata/c:1"],
    ["DELETE", "/test/values/c:1"],
    ["GET", "/test/keys?prefix=c:"],
    ["POST", "/test/bulk/get", { keys: ["a:1", "c:1"] }],
    [
      "PUT",
      "/test/bulk",
      [
        { key: "a:1", value: "x" },
        { key: "c:1", value: "x" },
      ],
    ],
    ["POST", "/test/bulk/delete", ["a:1", "c:1"]],
    ["POST", "", { title: "new" }],
    ["PUT", "/test", { title: "new" }],
    ["DELETE", "/test"],
  ] as const) {
    const { status, body: answer } = await as("scoped", method, path, body);
    expect([method, path, status, answer.errors[0].code]).toEqual([method, path, 403, 10403]);
  }
  expect(await server.kv("test").get("a:1")).toBe("a:1");
  for (const path of ["/other/values/a:1", "/other/keys", "/other"])
    expect((await as("scoped", "GET", path)).status).toBe(404);
  expect((await as("scoped", "GET", "")).body.result).toEqual([
    { id: "test", title: "test", supports_url_encoding: true },
  ]);

  for (const wrong of ["", "wrong", TOKEN]) {
    const { status, body } = await as(wrong, "GET", "/test/keys");
    expect([status, body.errors]).toEqual([403, [{ code: 10000, message: "Authentication error" }]]);
  }
  for (const path of ["/stats", "/metrics"]) expect((await fetch(new URL(path, proxied.proxy.url))).status).toBe(403);
});

test("a listing of several prefixes goes on from one to the next", async () => {
  await using proxied = await startScoped({ scoped: { access: "read", prefixes: ["a:", "b:"] } });
  const names = ["a", "b"].flatMap((letter) => Array.from({ length: 12 }, (_, i) => `${letter}:${10 + i}`));
  for (const name of [...names, "aa", "c"]) await proxied.server.kv("test").put(name, "");
  const seen: string[] = [];
  for (let cursor = ""; ;) {
    const { body } = await proxied.as("scoped", "GET", `/test/keys?limit=10&cursor=${encodeURIComponent(cursor)}`);
    seen.push(...body.result.map(({ name }: { name: string }) => name));
    if ((cursor = body.result_info.cursor) === "") break;
  }
  expect(seen).toEqual(names);
});

test("with a token that may do everything, namespaces are managed as at Cloudflare", async () => {
  await using proxied = await startScoped({ all: { access: "read-write" } });
  const { as } = proxied;
  const created = (await as("all", "POST", "", { title: "new" })).body.result;
  expect((await as("all", "POST", "", { title: "new" })).body.errors[0].code).toBe(10014);
  expect((await as("all", "PUT", `/${created.id}`, { title: "newer" })).body.result.title).toBe("newer");
  expect((await as("all", "GET", `/${created.id}`)).body.result.title).toBe("newer");
  expect((await as("all", "PUT", `/${created.id}/values/a`, "1")).status).toBe(200);
  expect((await as("all", "DELETE", `/${created.id}`)).status).toBe(200);
  expect((await as("all", "GET", `/${created.id}`)).status).toBe(404);
  expect((await as("all", "GET", `/${created.id}/values/a`)).body.errors[0].code).toBe(10013);
});

/** fetch sets Host and Origin itself. */
async function statusWith(url: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on("error", reject).end();
  });
}

test("without a token, this machine alone is answered, and no web page of another origin", async () => {
  await using proxied = await startProxied();
  const url = proxied.at("/keys");
  const statuses = async (all: Record<string, string>[]): Promise<unknown[]> =>
    Promise.all(all.map((headers) => statusWith(url, headers)));
  expect(await statuses([{}, { host: "localhost" }, { host: "[::1]:1", origin: "http://localhost:3000" }])).toEqual([
    200, 200, 200,
  ]);
  expect(
    await statuses([
      { host: "evil.test" },
      { origin: "https://evil.test" },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
    ]),
  ).toEqual([403, 403, 403, 403]);
  for (const path of ["/stats", "/metrics"]) {
    expect(await statusWith(new URL(path, url).href, { host: "evil.test" })).toBe(403);
  }
});

test("beyond loopback a token is needed, and a wrong option is named without its token", async () => {
  await using server = await startServer({ token: TOKEN });
  const upstream = accountOf(server);
  const refused = async (options: object): Promise<unknown> =>
    createProxy({ upstream, ...options }).catch((error: unknown) => error);
  expect(await refused({ host: "0.0.0.0" })).toMatchObject({
    code: "KV_CONFIG",
    message: expect.stringContaining("0.0.0.0"),
  });
  for (const [options, message] of [
    [{ prot: 1 }, /^createProxy has no option "prot"/],
    [{ port: 70_000 }, /port must be a whole number from 0 to 65535, not 70000/],
    [{ port: 1, socket: "/tmp/x" }, /either socket or port/],
    [{ socket: "" }, /socket must be the path/],
    [{ token: "" }, /token must be a non-empty string/],
    [{ tokens: {} }, /at least one token/],
    [{ tokens: null }, /tokens must be an object of tokens by their names, not null/],
    [{ tokens: { signal: { sha256: "xyz", access: "read" } } }, /^tokens\.signal cannot be used: sha256 must be 64/],
    [{ tokens: { ci: { sha256: "xyz", access: "read" } } }, /^tokens\.ci cannot be used: sha256 must be 64/],
    [{ tokens: { ci: { sha256: "0".repeat(64), access: "write" } } }, /^tokens\.ci cannot be used: access must be/],
    [{ patience: 0 }, /patience must be a number of milliseconds above 0/],
    [{ drain: Infinity }, /drain must be/],
    [{ cache: {} }, /A cache needs a bound/],
    [{ upstream: { ...upstream, deadline: 1 } }, /deadline/],
  ] as const) {
    expect(await refused(options)).toMatchObject({ code: "KV_INVALID", message: expect.stringMatching(message) });
  }
});

async function inFolder(use: (folder: string, server: RunningServer) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "kvplug-proxy-"));
  await using server = await startServer({ token: TOKEN, namespaces: ["test"] });
  try {
    await use(folder, server);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("a Unix socket is for this user alone, and needs no token", () =>
  inFolder(async (folder, server) => {
    const socket = join(folder, "kv.sock");
    const proxy = await createProxy({ upstream: accountOf(server), socket });
    expect((await stat(socket)).mode & 0o777).toBe(0o600);
    const dispatcher = new Agent({ connect: { socketPath: socket } });
    const kv = createKV({
      baseURL: proxy.url,
      accountId: server.account,
      namespaceId: server.namespaces[0]!.id,
      apiToken: "any",
      dispatcher,
    });
    await kv.put("a", "1");
    expect(await kv.get("a")).toBe("1");
    await kv.close();
    await dispatcher.close();
    const another = createProxy({ upstream: accountOf(server), socket });
    await expect(another).rejects.toMatchObject({ code: "EADDRINUSE" });
    await proxy.close();
    await expect(stat(socket)).rejects.toMatchObject({ code: "ENOENT" });
  }));

test("a socket that a killed process left is replaced, and a file is not", () =>
  inFolder(async (folder, server) => {
    const socket = join(folder, "kv.sock");
    const left = createServer().listen(socket);
    await new Promise((resolve) => left.once("listening", resolve));
    // Closing would remove it; moved away and back it stays, as after a kill.
    const { rename } = await import("node:fs/promises");
    await rename(socket, `${socket}.kept`);
    await new Promise((resolve) => left.close(resolve));
    await rename(`${socket}.kept`, socket);
    await using _proxy = await createProxy({ upstream: accountOf(server), socket });
    expect((await stat(socket)).mode & 0o777).toBe(0o600);
    const file = join(folder, "a-file");
    await writeFile(file, "kept");
    const refused = createProxy({ upstream: accountOf(server), socket: file });
    await expect(refused).rejects.toMatchObject({ code: "EADDRINUSE" });
    expect((await stat(file)).size).toBe(4);
  }));
