import { connect } from "node:net";
import { MAX_VALUE_BYTES } from "@kvplug/core";
import { createProxy } from "@kvplug/proxy";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { HeldFetch } from "../support/held-fetch.ts";
import { startProxied, type Proxied } from "../support/proxy.ts";

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
  expect(refused.body.errors).toEqual([{ code: 10001, message: expect.stringContaining(`at most ${LIMIT} bytes`) }]);
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
