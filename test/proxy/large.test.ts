import { expect, test } from "vitest";
import { startProxied } from "../support/proxy.ts";

test("a bulk get of more than an answer may hold is refused before all of it is read", async () => {
  await using proxied = await startProxied({ upstream: { batch: { maxInFlight: 2 } } });
  const { server, ask, proxy } = proxied;
  const bytes = 9 * 1024 * 1024;
  const keys = Array.from({ length: 8 }, (_, i) => `key ${i}`);
  for (const key of keys) await server.kv("test").put(key, "x".repeat(bytes));
  const { status, body } = await ask("POST", "/bulk/get", { body: JSON.stringify({ keys }) });
  expect([status, body.errors[0].message]).toEqual([413, expect.stringContaining("25 MiB")]);
  // Three are too many, and two others may be on their way.
  expect(proxy.stats().upstream.bytesReceived).toBeLessThan(6 * bytes);
});
