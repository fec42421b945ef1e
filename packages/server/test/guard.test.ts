import { once } from "node:events";
import { createServer, request } from "node:http";
import { connect } from "node:net";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { startServer } from "@kvplug/server";
import { KEPT_TO_ORIGIN } from "@kvplug/server/routes";
import { answerClientErrors } from "../src/client-errors.ts";
import { expectError, resultOf, sendRaw, startApi } from "./api.ts";
import type { Api } from "./api.ts";

/** fetch sets Host and Origin itself. */
async function statusWith(api: Api, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request({ port: api.server.port, host: "127.0.0.1", path: `${api.path}/keys`, headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end();
  });
}

test("a token is demanded, as bearer or as key", async () => {
  await using api = await startApi({ token: "secret" });
  const refused = [
    {},
    { authorization: "Bearer wrong!" },
    { authorization: "Bearer secre" },
    { authorization: "Bearer secret2" },
    { authorization: "Bearer " },
    { authorization: "secret" },
    { authorization: "Basic secret" },
    { "x-auth-key": "secret" },
    { "x-auth-email": "a@b.c", "x-auth-key": "wrong" },
    { "x-auth-email": "a@b.c" },
  ];
  for (const headers of refused) {
    const answer = await api.ask("GET", "/keys", undefined, headers);
    expectError(answer, 403, 10000, "Authentication error");
    expect(answer.headers.get("cf-ray")).toBeTruthy();
  }
  expectError(await api.ask("GET", "/nope"), 403, 10000);
  resultOf(await api.ask("GET", "/keys", undefined, { authorization: "Bearer secret" }));
  resultOf(await api.ask("GET", "/keys", undefined, { "x-auth-email": "a@b.c", "x-auth-key": "secret" }));
  // With a token, names do not matter.
  expect(await statusWith(api, { host: "kv.test", origin: "http://page.test", authorization: "Bearer secret" })).toBe(
    200,
  );
});

test("without a token, only loopback names and origins are answered", async () => {
  await using api = await startApi();
  for (const host of ["localhost", "localhost:1", "127.0.0.1:80", "127.8.9.1", "[::1]:8787", "LOCALHOST"]) {
    expect([host, await statusWith(api, { host })]).toEqual([host, 200]);
  }
  for (const host of ["evil.test", "localhost.evil.test", "127.0.0.1.evil.test", "10.0.0.1", "[::2]", "0.0.0.0"]) {
    expect([host, await statusWith(api, { host })]).toEqual([host, 403]);
  }
  for (const origin of ["http://localhost:3000", "http://127.0.0.1", "https://[::1]:1"]) {
    expect([origin, await statusWith(api, { origin })]).toEqual([origin, 200]);
  }
  for (const origin of ["https://evil.test", "null", "http://localhost.evil.test", "", "file://"]) {
    expect([origin, await statusWith(api, { origin })]).toEqual([origin, 403]);
  }
  expectError(
    await api.ask("GET", "/keys", undefined, { origin: "https://evil.test" }),
    403,
    10000,
    /Origin "https:\/\/evil\.test"/,
  );
});

test("beyond loopback, it does not listen without a token", async () => {
  for (const host of ["0.0.0.0", "::", "192.168.0.1", "example.test"]) {
    await expect(startServer({ host })).rejects.toMatchObject({
      code: "KV_CONFIG",
      message: expect.stringContaining(host),
    });
  }
  await using server = await startServer({ host: "0.0.0.0", token: "secret" });
  expect((await fetch(server.url)).status).toBe(403);
});

test("each loopback address serves", async () => {
  for (const host of ["localhost", "127.0.0.1", "::1"]) {
    await using server = await startServer({ host });
    expect((await fetch(`${server.url}/accounts/local/storage/kv/namespaces`)).status).toBe(200);
  }
});

test("the counts of /stats are for whom the API is for, and do not count", async () => {
  await using api = await startApi({ token: "secret", faults: { errors: 1 } });
  const url = new URL("/stats", api.server.url);
  expect((await fetch(url)).status).toBe(403);
  const authorization = "Bearer secret";
  await api.ask("GET", "/keys", undefined, { authorization });
  const answer = await fetch(url, { headers: { authorization } });
  expect(await answer.json()).toEqual({ requests: { total: 1, "GET /:namespace/keys": 1 } });
  expect(api.server.requests.total).toBe(1);
});

test.for(["/keys", "/values/k", "/nowhere", "/stats"])(
  "a page of another origin learns nothing by %s",
  async (path) => {
    for (const token of [undefined, "secret"]) {
      await using api = await startApi({ token });
      await api.server.kv("main").put("k", "v");
      const url = path === "/stats" ? new URL(path, api.server.url) : new URL(`${api.path}${path}`, api.server.url);
      const as = async (site: string, more: Record<string, string> = {}): Promise<Response> =>
        fetch(url, {
          headers: { ...(token && { authorization: `Bearer ${token}` }), "sec-fetch-site": site, ...more },
        });
      const open = (await as("none")).status;
      expect([200, 404]).toContain(open);
      expect((await as("same-origin")).status).toBe(open);
      for (const site of ["cross-site", "same-site"]) {
        for (const mode of ["no-cors", "cors", "navigate"]) {
          const answer = await as(site, { "sec-fetch-mode": mode, "sec-fetch-dest": "document" });
          expect(answer.status).toBe(403);
          expect(await answer.json()).toMatchObject({
            errors: [{ code: 10000, message: expect.stringContaining("another origin") }],
          });
          expect(Object.fromEntries(answer.headers)).toMatchObject(KEPT_TO_ORIGIN);
        }
      }
    }
  },
);

test("answers that are none of a route are kept to this origin as well", async () => {
  await using broken = await startApi({ faults: { html: 1 } });
  expect(Object.fromEntries((await broken.ask("GET", "/keys")).headers)).toMatchObject(KEPT_TO_ORIGIN);
  const raw = await sendRaw(broken.server.port, ["GET http://[/ HTTP/1.1", "Host: localhost", "Connection: close"]);
  expect(raw).toMatch(/^HTTP\/1\.1 400[^]*cross-origin-resource-policy: same-origin/i);
});

test.for<[what: string, status: number, lines: string[]]>([
  ["headers that are too long", 431, ["GET / HTTP/1.1", "Host: localhost", `X: ${"x".repeat(20_000)}`]],
  ["a path that is too long", 431, [`GET /${"x".repeat(20_000)} HTTP/1.1`, "Host: localhost"]],
  ["no host", 400, ["GET / HTTP/1.1"]],
  ["what it cannot meet", 417, ["GET / HTTP/1.1", "Host: localhost", "Expect: a miracle", "Connection: close"]],
  ["another protocol", 400, ["EHLO localhost"]],
  ["a body that is no number of bytes long", 400, ["PUT / HTTP/1.1", "Host: localhost", "Content-Length: many"]],
  [
    "a chunk that says too much of itself",
    413,
    ["PUT / HTTP/1.1", "Host: localhost", "Transfer-Encoding: chunked", "", `1;${"x".repeat(20_000)}`],
  ],
])("what never becomes a request is answered as all else is: %s", async ([, status, lines]) => {
  await using api = await startApi();
  const [head, body] = (await sendRaw(api.server.port, lines)).split("\r\n\r\n");
  expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  for (const [name, value] of Object.entries(KEPT_TO_ORIGIN))
    expect(head!.toLowerCase()).toContain(`${name}: ${value}`);
  expect(JSON.parse(body!)).toMatchObject({ success: false, errors: [{ message: expect.any(String) }] });
});

test("what is no request does not come into the midst of the answer to one", async () => {
  const server = createServer((_request, response) => void response.write("half an answer"));
  answerClientErrors(server);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1").setEncoding("utf8");
  let received = "";
  socket.on("data", (chunk) => {
    received += chunk;
    if (received.includes("half an answer")) socket.write("EHLO localhost\r\n\r\n");
  });
  socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await once(socket, "close");
  expect(received.split("HTTP/1.1")).toHaveLength(2);
  server.close();
});
