import { connect } from "node:net";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { HeldFetch } from "../support/held-fetch.ts";
import { startProxied, type Proxied, type ProxySetup } from "../support/proxy.ts";

async function startHeld(setup: ProxySetup["proxy"] = {}): Promise<Proxied & { held: HeldFetch }> {
  const held = new HeldFetch();
  return { ...(await startProxied({ upstream: { fetch: held.fetch }, proxy: setup })), held };
}

test("what was accepted is answered before the proxy ends, and nothing new is accepted", async () => {
  await using proxied = await startHeld();
  const { proxy, held, ask, server } = proxied;
  held.hold();
  const write = ask("PUT", "/values/a", { body: "1" });
  const read = ask("GET", "/values/b");
  await eventually(() => expect([proxy.stats().running, held.waiting]).toEqual([2, 2]));
  const closed = proxy.close();
  await expect(ask("GET", "/keys")).rejects.toThrow();
  held.letGo();
  expect([(await write).status, (await read).status]).toEqual([200, 404]);
  await closed;
  expect(await server.kv("test").get("a")).toBe("1");
});

test("what takes longer than the drain is told that nobody knows", async () => {
  await using proxied = await startHeld({ drain: 50 });
  const { proxy, held, ask } = proxied;
  held.hold();
  const write = ask("PUT", "/values/a", { body: "1" });
  await eventually(() => expect(held.waiting).toBe(1));
  const closed = proxy.close();
  const { status, body } = await write;
  expect([status, body.errors[0].code]).toEqual([503, 10001]);
  expect(body.errors[0].message).toMatch(/may or may not have taken effect/);
  held.letGo();
  await closed;
});

test("who reads no answer does not hold up the end", async () => {
  await using proxied = await startHeld({ drain: 50 });
  const { proxy, server } = proxied;
  await server.kv("test").put("large", new Uint8Array(20 * 1024 * 1024));
  const socket = connect(proxy.port, "127.0.0.1");
  socket.pause();
  const path = `/client/v4/accounts/local/storage/kv/namespaces/${server.namespaces[0]!.id}/values/large`;
  socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
  socket.on("error", () => {});
  await eventually(() => expect(proxy.stats().upstream.bytesReceived).toBeGreaterThanOrEqual(20 * 1024 * 1024));
  await proxy.close();
  socket.destroy();
});

test("a read whose caller has gone is asked for no more, a write is made all the same", async () => {
  const held = new HeldFetch();
  await using proxied = await startProxied({ upstream: { fetch: held.fetch, batch: { maxInFlight: 1 } } });
  const { proxy, ask, server } = proxied;
  held.hold();
  const first = ask("GET", "/values/first");
  await eventually(() => expect(held.waiting).toBe(1));
  const leave = new AbortController();
  const left = [
    ask("GET", "/values/left", { signal: leave.signal }),
    ask("PUT", "/values/written", { body: "1", signal: leave.signal }),
  ].map((asked) => asked.catch((error: Error) => error.name));
  await eventually(() => expect(proxy.stats().upstream).toMatchObject({ readKeys: 2, writtenKeys: 1 }));
  leave.abort();
  await Promise.all(left);
  // The write is what still runs beside the first read.
  await eventually(() => expect(proxy.stats().running).toBe(2));
  held.letGo();
  expect((await first).status).toBe(404);
  await eventually(async () => expect(await server.kv("test").get("written")).toBe("1"));
  await eventually(() => expect(proxy.stats().running).toBe(0));
  const { origin } = new URL(proxy.url);
  expect(await (await fetch(`${origin}/metrics`)).text()).toContain('values/:key",status="499"} 1');
  expect(server.requests.total).toBe(2);
});
