import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { startServer } from "@kvplug/server";
import { eventually } from "../../../test/support/eventually.ts";
import { resultOf, startApi } from "./api.ts";

test("closing lets running requests finish, and ends all other connections at once", async () => {
  const api = await startApi();
  const idle = connect(api.server.port, "127.0.0.1");
  await once(idle, "connect");
  const kept = connect(api.server.port, "127.0.0.1");
  kept.write(`GET ${api.path}/keys HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  await once(kept, "data");

  // It runs for as long as its body is not whole.
  const body = new TransformStream<Uint8Array, Uint8Array>();
  const writer = body.writable.getWriter();
  void writer.write(Buffer.from("v"));
  const running = api.ask("PUT", "/values/k", body.readable);
  while (api.server.requests.total < 2) await new Promise((resolve) => setImmediate(resolve));
  const ended = Promise.all([once(idle.resume(), "close"), once(kept.resume(), "close")]);
  const closing = api.server.close();
  await ended;
  await writer.close();
  resultOf(await running);
  await closing;
  await expect(fetch(api.server.url)).rejects.toThrow();
  await api.server.close();
});

test("the server tells where it is, and opens its namespaces in the process", async () => {
  await using server = await startServer({ namespaces: ["a", { title: "b", id: "b-id" }, "a"], account: "acc" });
  expect(server.url).toBe(`http://127.0.0.1:${server.port}/client/v4`);
  expect(server.account).toBe("acc");
  expect(server.namespaces.map(({ title }) => title)).toEqual(["a", "b", "a"]);
  expect(server.namespaces[2]).toEqual(server.namespaces[0]);
  await server.kv("b").put("k", "v");
  expect(await server.kv("b-id").get("k")).toBe("v");
  expect(await server.kv("a").get("k")).toBeNull();
  expect(() => server.kv("c")).toThrow(expect.objectContaining({ code: "KV_NOT_FOUND" }));
  expect((await fetch(`${server.url}/accounts/acc/storage/kv/namespaces/b-id/values/k`)).status).toBe(200);
  expect(server.requests.byRoute).toEqual({ "GET /:namespace/values/:key": 1 });
});

test.each([
  ["at once", 0],
  ["later", 50],
])("a write that has arrived is done %s, whether its client waits or not", async (_when, latency) => {
  await using api = await startApi({ latency });
  for (const length of ["Content-Length: 3", "Transfer-Encoding: chunked"]) {
    const body = length.startsWith("C") ? "abc" : "3\r\nabc\r\n0\r\n\r\n";
    const socket = connect(api.server.port, "127.0.0.1");
    const before = api.server.requests.total;
    socket.write(`PUT ${api.path}/values/${length.length} HTTP/1.1\r\nHost: localhost\r\n${length}\r\n\r\n${body}`);
    while (api.server.requests.total === before) await new Promise((resolve) => setImmediate(resolve));
    socket.destroy();
    await eventually(async () => expect(await api.server.kv("main").get(String(length.length))).toBe("abc"));
  }
});

test("a write that its client gives up half-way is not done", async () => {
  await using api = await startApi();
  await api.server.kv("main").put("k", "whole");
  for (const length of ["Content-Length: 10", "Transfer-Encoding: chunked"]) {
    const socket = connect(api.server.port, "127.0.0.1");
    const body = length.startsWith("C") ? "abc" : "3\r\nabc\r\n";
    socket.write(`PUT ${api.path}/values/k HTTP/1.1\r\nHost: localhost\r\n${length}\r\n\r\n${body}`);
    const before = api.server.requests.total;
    while (api.server.requests.total === before) await new Promise((resolve) => setImmediate(resolve));
    socket.destroy();
    await once(socket, "close");
    expect((await api.ask("GET", "/values/k")).text).toBe("whole");
  }
  // What ran is over before the server is.
  await api.server.close();
});
