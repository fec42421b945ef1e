import { expect, test } from "vitest";
import { expectError, resultOf, sendRaw, startApi } from "./api.ts";
import type { Api } from "./api.ts";

test.for([
  "a%41b",
  "a%2541b",
  "a/b",
  "a//b",
  "/",
  "a#b",
  "a?b=c",
  "a b",
  "+",
  "__proto__",
  "😀",
  "a\\b",
  "\u0000\u001F",
  "%",
  "x/../y",
  "...",
])("the key %j comes back as it went, by every route", async (key) => {
  await using api = await startApi();
  const path = encodeURIComponent(key);
  resultOf(await api.ask("PUT", `/values/${path}`, "v"));
  expect((await api.ask("GET", `/values/${path}`)).text).toBe("v");
  expect(resultOf(await api.ask("GET", `/metadata/${path}`))).toBeNull();
  expect(resultOf(await api.ask("GET", `/keys?prefix=${path}`))).toEqual([{ name: key }]);
  expect((await api.ask("POST", "/bulk/get", { keys: [key] })).text).toContain(`"values":{${JSON.stringify(key)}:"v"}`);
  expect(await api.server.kv("main").get(key)).toBe("v");
  resultOf(await api.ask("DELETE", `/values/${path}`));
  expect(resultOf(await api.ask("GET", "/keys"))).toEqual([]);
});

test("a slash that was not encoded belongs to the key", async () => {
  await using api = await startApi();
  resultOf(await api.ask("PUT", "/values/a/b%2Fc", "v"));
  expect(await api.server.kv("main").get("a/b/c")).toBe("v");
});

const DOTS = [
  ".",
  "..",
  "%2e",
  "%2E%2e",
  ".%2e",
  "../..",
  "a/..",
  "a/../..",
  "..%2f..",
  "../../../namespaces/main-id",
  "%2e%2e/x",
];

test.for(DOTS)("no client can reach another route by a key of %j", async (dots) => {
  await using api = await startApi();
  await api.server.kv("main").put("k", "v");
  const { port } = api.server;
  for (const method of ["DELETE", "PUT", "GET"]) {
    for (const host of [`127.0.0.1:${port}`, "[::1]:1"]) {
      const received = await sendRaw(port, [
        `${method} ${api.path}/values/${dots} HTTP/1.1`,
        `Host: ${host}`,
        "Connection: close",
        "Content-Length: 0",
      ]);
      const encoded = dots === "..%2f..";
      expect(received).toMatch(encoded ? /^HTTP\/1\.1 (200|404)/ : /^HTTP\/1\.1 400[^]*10023/);
    }
    // fetch resolves the dots itself; where that makes the path of the namespace, no server can tell.
    if (dots.endsWith("main-id")) continue;
    const answer = await api.ask(method, `/values/${dots}`, method === "PUT" ? "" : undefined);
    expect([200, 400, 404]).toContain(answer.status);
  }
  expect(await keysOf(api)).toContain("k");
});

async function keysOf(api: Api): Promise<string[]> {
  return resultOf(await api.ask("GET", "/keys")).map(({ name }: { name: string }) => name);
}

test("what has no route answers 404, whatever the method", async () => {
  await using api = await startApi();
  const routes = [
    ["GET", "/nope"],
    ["PATCH", ""],
    ["POST", "/keys"],
    ["PUT", "/bulk/get"],
    ["GET", "/bulk"],
    ["POST", "/values/k"],
    ["DELETE", "/"],
  ];
  for (const [method = "", path = ""] of routes) {
    const answer = await api.ask(method, path);
    expectError(
      answer,
      404,
      7003,
      /^Could not route to \/accounts\/local\/.*, perhaps your object identifier is invalid\?$/,
    );
  }
  const { url } = api.server;
  for (const path of [
    "",
    "/",
    "/user/tokens/verify",
    "/accounts/other/storage/kv/namespaces",
    "/accounts/local/storage/kv",
  ]) {
    const response = await fetch(`${url}${path}`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ success: false, errors: [{ code: 7003 }] });
  }
  expect(api.server.requests).toMatchObject({
    total: routes.length + 5,
    byRoute: { other: routes.length + 4, "GET /": 1 },
  });
  api.server.requests.reset();
  expect(api.server.requests).toMatchObject({ total: 0, byRoute: {} });
});

test("what is no request at all gets an error, and no stack trace", async () => {
  await using api = await startApi();
  const { port } = api.server;
  const lines = [`Host: 127.0.0.1:${port}`, "Connection: close"];
  for (const target of [`${api.path}\\..`, "http://[/", "//", "*"]) {
    const received = await sendRaw(port, [`GET ${target} HTTP/1.1`, ...lines]);
    expect(received).toMatch(/^HTTP\/1\.1 40[0-4]/);
    expect(received).not.toMatch(/\bat |\.ts|node:/);
  }
});
