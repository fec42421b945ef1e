import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { MAX_VALUE_BYTES } from "@kvplug/core";
import { createProxy, createToken, hashToken } from "@kvplug/proxy";
import { describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { HeldFetch } from "../support/held-fetch.ts";
import { askURL, startProxied, type Proxied, type ProxyAnswer, type ProxySetup } from "../support/proxy.ts";

const MIB = 1024 * 1024;
const LIMIT = 30 * MIB;
const LARGE = new Uint8Array(20 * MIB);

/** A proxy that takes bodies of 30 MiB together, and whose upstream answers when the test lets it. */
async function startBounded(): Promise<Proxied & { held: HeldFetch; holds(bytes: number): Promise<void> }> {
  const held = new HeldFetch();
  const proxied = await startProxied({
    upstream: { fetch: held.fetch },
    proxy: { maxHeldBytes: LIMIT, patience: 110_000 },
  });
  held.hold();
  const holds = (bytes: number): Promise<void> => eventually(() => expect(proxied.proxy.stats().heldBytes).toBe(bytes));
  return { ...proxied, held, holds };
}

/** A body of which nobody knows the length before it ends. */
const unmeasured = (body: Uint8Array<ArrayBuffer>): RequestInit & { duplex: "half" } => ({
  method: "PUT",
  body: new Blob([body]).stream(),
  duplex: "half",
});

test("bodies beyond the limit, of all callers together, get 503 until others are answered", async () => {
  await using proxied = await startBounded();
  const { held, holds, ask, at } = proxied;
  const first = ask("PUT", "/values/first", { body: LARGE });
  await eventually(() => expect(held.waiting).toBe(1));
  await holds(LARGE.length);

  const refused = await ask("PUT", "/values/second", { body: LARGE });
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
  expect(refused.body.errors).toEqual([
    { code: 10001, message: expect.stringContaining(`at most ${LIMIT} (maxHeldBytes)`) },
  ]);
  expect((await fetch(at("/values/second"), unmeasured(LARGE))).status).toBe(503);
  await holds(LARGE.length);
  const rest = ask("PUT", "/values/rest", { body: new Uint8Array(LIMIT - LARGE.length) });
  await holds(LIMIT);

  // A login is not what takes the memory.
  const small = ask("PUT", "/values/small", { body: new Uint8Array(64 * 1024) });
  expect((await ask("PUT", "/values/not-small", { body: new Uint8Array(64 * 1024 + 1) })).status).toBe(503);
  held.letGo();
  expect((await Promise.all([first, rest, small])).map(({ status }) => status)).toEqual([200, 200, 200]);
  await holds(0);
  expect((await ask("PUT", "/values/second", { body: LARGE })).status).toBe(200);
  expect((await fetch(at("/values/third"), unmeasured(LARGE))).status).toBe(200);
  await holds(0);
  expect((await proxied.server.kv("test").get("third", "arrayBuffer"))?.byteLength).toBe(LARGE.length);
});

test("a body counts from its first byte, and no longer once its caller has gone", async () => {
  await using proxied = await startBounded();
  const { proxy, at, ask, held, holds } = proxied;
  held.letGo();
  const socket = connect(proxy.port, "127.0.0.1");
  const path = new URL(at("/values/a")).pathname;
  socket.write(`PUT ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${LARGE.length}\r\n\r\nonly the beginning`);
  await holds(LARGE.length);
  expect((await ask("PUT", "/values/b", { body: LARGE })).status).toBe(503);
  socket.destroy();
  await holds(0);
  expect((await ask("PUT", "/values/b", { body: LARGE })).status).toBe(200);
});

test("the largest value fits in any limit; a bulk write that fits in none is too large", async () => {
  await using proxied = await startBounded();
  const { ask, held } = proxied;
  held.letGo();
  expect((await ask("PUT", "/values/a", { body: new Uint8Array(MAX_VALUE_BYTES) })).status).toBe(200);
  const pairs = [1, 2].map((key) => ({ key: String(key), value: "x".repeat(16 * MIB) }));
  const { status, body } = await ask("PUT", "/bulk", { body: JSON.stringify(pairs) });
  expect([status, body.errors[0].message]).toEqual([413, expect.stringContaining(String(LIMIT))]);
  await expect(createProxy({ maxHeldBytes: MAX_VALUE_BYTES })).rejects.toMatchObject({
    code: "KV_INVALID",
    message: "maxHeldBytes must be a whole number of bytes, at least 26279936, not 26214400.",
  });
});

/** Callers who send a request and read nothing of its answer before they are resumed. */
class SlowCallers {
  readonly #port: number;
  readonly #sockets: Socket[] = [];

  constructor({ proxy }: Proxied) {
    this.#port = proxy.port;
  }

  /** Sends a request, and resolves with its connection, which is not read. */
  async ask(url: string, { method = "GET", body = "", token = "any" } = {}): Promise<Socket> {
    const socket = connect(this.#port, "127.0.0.1");
    this.#sockets.push(socket);
    socket.on("error", () => {});
    await once(socket, "connect");
    const head = `${method} ${new URL(url).pathname} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${token}\r\n`;
    socket.write(`${head}connection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    return socket;
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** What comes on a connection until its end. */
async function bytesOf(socket: Socket): Promise<number> {
  let bytes = 0;
  for await (const chunk of socket) bytes += (chunk as Buffer).length;
  return bytes;
}

const READS: [name: string, method: string, path: (key: string) => string, body: (key: string) => string][] = [
  ["values", "GET", (key) => `/values/${key}`, () => ""],
  ["bulk gets", "POST", () => "/bulk/get", (key) => JSON.stringify({ keys: [key] })],
];

describe.for<[string, NonNullable<ProxySetup["proxy"]>]>([
  ["without a cache", {}],
  ["with a cache", { cache: { max: 100 } }],
])("answers that are not read yet, %s", ([, options]) => {
  test.for(READS)("count until they are: %s", async ([, method, path, body]) => {
    await using proxied = await startProxied({ proxy: { maxHeldBytes: LIMIT, patience: 110_000, ...options } });
    const { server, proxy, ask, at } = proxied;
    const holds = (bytes: unknown): Promise<void> => eventually(() => expect(proxy.stats().heldBytes).toEqual(bytes));
    for (const key of ["one", "other"]) await server.kv("test").put(key, "x".repeat(LARGE.length));
    await server.kv("test").put("small", "x".repeat(60_000));
    using callers = new SlowCallers(proxied);
    const read = (key: string): Promise<ProxyAnswer> =>
      ask(method, path(key), method === "GET" ? {} : { body: body(key) });

    const slow = await callers.ask(at(path("one")), { method, body: body("one") });
    const large = expect.closeTo(LARGE.length, -3);
    await holds(large);
    const refused = await read("other");
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(refused.body.errors[0].message).toMatch(
      new RegExp(`^The proxy has no room for this answer of \\d+ bytes now: .* of at most ${LIMIT} \\(maxHeldBytes\\)`),
    );
    // What a body needs is the same room.
    expect((await ask("PUT", "/values/written", { body: LARGE })).status).toBe(503);
    expect((await read("small")).status).toBe(200);
    expect(await bytesOf(slow)).toBeGreaterThan(LARGE.length);
    await holds(0);
    expect((await read("other")).status).toBe(200);
    await holds(0);

    const left = await callers.ask(at(path("one")), { method, body: body("one") });
    await holds(large);
    left.destroy();
    await holds(0);
  });

  test("are refused before there is a copy for each caller", async () => {
    await using proxied = await startProxied({ proxy: { maxHeldBytes: LIMIT, patience: 110_000, ...options } });
    const { server, proxy, at } = proxied;
    await server.kv("test").put("bytes", LARGE.fill(0xff));
    using callers = new SlowCallers(proxied);
    const asked = await Promise.all(Array.from({ length: 20 }, () => callers.ask(at("/values/bytes"))));
    // Whoever comes later may find room again, or not: the first one of all has it.
    const received = await Promise.all(asked.map((socket) => bytesOf(socket)));
    expect(received.some((bytes) => bytes > LARGE.length)).toBe(true);
    expect(received.some((bytes) => bytes < 2000)).toBe(true);
    await eventually(() => expect(proxy.stats().heldBytes).toBe(0));
  });
});

test("no token holds more than half of the room, except for one thing", async () => {
  const shown = { job: createToken(), web: createToken() };
  const secret = async (token: string): Promise<{ sha256: string; access: "read-write" }> => ({
    sha256: await hashToken(token),
    access: "read-write",
  });
  await using proxied = await startProxied({
    proxy: {
      maxHeldBytes: 2 * LIMIT,
      tokens: { job: await secret(shown.job), web: await secret(shown.web) },
      patience: 110_000,
    },
  });
  const { server, proxy, at } = proxied;
  const holds = (bytes: number): Promise<void> => eventually(() => expect(proxy.stats().heldBytes).toBe(bytes));
  await server.kv("test").put("large", LARGE);
  using callers = new SlowCallers(proxied);
  const read = (token: string): Promise<ProxyAnswer> =>
    askURL(at("/values/large"), "GET", { headers: { authorization: `Bearer ${token}` } });
  const slow = await callers.ask(at("/values/large"), { token: shown.job });
  await holds(LARGE.length);
  const refused = await read(shown.job);
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
  expect(refused.body.errors[0].message).toContain(
    `other requests with this token hold ${LARGE.length} of at most ${LIMIT} (half of maxHeldBytes)`,
  );
  expect((await read(shown.web)).status).toBe(200);
  slow.destroy();
  await holds(0);
  expect((await read(shown.job)).status).toBe(200);
});
