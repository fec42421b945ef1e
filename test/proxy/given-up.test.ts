import type { ProxyOptions } from "@kvplug/proxy";
import { describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { HeldFetch } from "../support/held-fetch.ts";
import { startProxied, type ProxySetup } from "../support/proxy.ts";

const CALLERS = 250;

/** Callers of as many keys, who all close their connections once they wait for upstream. */
async function comeAndLeave({ ask, proxy }: Awaited<ReturnType<typeof startProxied>>): Promise<void> {
  const { running, upstream } = proxy.stats();
  const leave = new AbortController();
  const left = Array.from({ length: CALLERS }, (_, i) =>
    ask("GET", `/values/left-${i}`, { signal: leave.signal }).catch((error: Error) => error.name),
  );
  await eventually(() => expect(proxy.stats().upstream.readKeys).toBe(upstream.readKeys! + CALLERS));
  leave.abort();
  expect(new Set(await Promise.all(left))).toEqual(new Set(["AbortError"]));
  await eventually(() => expect(proxy.stats().running).toBe(running));
}

describe.for<[string, ProxyOptions["cache"]]>([
  ["without a cache", undefined],
  ["with a cache", { max: 10_000 }],
  ["with a cache of tagged entries", { max: 10_000, tags: true }],
])("%s, reads whose callers have closed their connections", ([, cache]) => {
  test("are not sent where upstream is slow", async () => {
    const held = new HeldFetch();
    const upstream: ProxySetup["upstream"] = { fetch: held.fetch, batch: { maxInFlight: 1 } };
    await using proxied = await startProxied({ upstream, proxy: { cache, patience: 110_000 } });
    held.hold();
    const first = proxied.ask("GET", "/values/first");
    await eventually(() => expect(held.waiting).toBe(1));
    await comeAndLeave(proxied);
    held.letGo();
    expect((await first).status).toBe(404);
    expect((await proxied.ask("GET", "/values/last")).status).toBe(404);
    expect(proxied.server.requests.total).toBe(2);
  });
});
