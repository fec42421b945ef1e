import type { ProxyOptions } from "@kvplug/proxy";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { HeldFetch } from "../support/held-fetch.ts";
import { startProxied } from "../support/proxy.ts";

test.for<[string, ProxyOptions["cache"]]>([
  ["without a cache", undefined],
  ["with a cache", { max: 1000 }],
])("a bulk get of more than an answer may hold is refused before all of it is read, %s", async ([, cache]) => {
  await using proxied = await startProxied({ upstream: { batch: { maxInFlight: 2 } }, proxy: { cache } });
  const { server, ask, proxy } = proxied;
  const bytes = 9 * 1024 * 1024;
  const keys = Array.from({ length: 8 }, (_, i) => `key ${i}`);
  for (const key of keys) await server.kv("test").put(key, "x".repeat(bytes));
  const { status, body } = await ask("POST", "/bulk/get", { body: JSON.stringify({ keys }) });
  expect([status, body.errors[0].message]).toEqual([413, expect.stringContaining("25 MiB")]);
  // Three are too many, and two others may be on their way.
  expect(proxy.stats().upstream.bytesReceived).toBeLessThan(6 * bytes);
});

test("who waits for a value of somebody's bulk get that is too large gets it all the same", async () => {
  const held = new HeldFetch();
  await using proxied = await startProxied({
    upstream: { fetch: held.fetch, batch: { maxInFlight: 1 } },
    proxy: { cache: { max: 1000 } },
  });
  const { server, ask, proxy } = proxied;
  const keys = Array.from({ length: 4 }, (_, i) => `key ${i}`);
  for (const key of keys) await server.kv("test").put(key, "x".repeat(9 * 1024 * 1024));
  held.hold();
  const tooLarge = ask("POST", "/bulk/get", { body: JSON.stringify({ keys }) });
  await eventually(() => expect([proxy.stats().running, held.waiting]).toEqual([1, 1]));
  const some = ask("POST", "/bulk/get", { body: JSON.stringify({ keys: ["key 2", "key 3", "none"] }) });
  await eventually(() => expect(proxy.stats()).toMatchObject({ running: 2, cache: { coalesced: 2 } }));
  held.letGo();
  expect((await tooLarge).status).toBe(413);
  const { status, body } = await some;
  expect([status, Object.values<any>(body.result.values).map((value) => value?.length)]).toEqual([
    200,
    [9 * 1024 * 1024, 9 * 1024 * 1024, undefined],
  ]);
});
