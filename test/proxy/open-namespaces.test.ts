import type { KV } from "@kvplug/core";
import { expect, test } from "vitest";
import { OpenNamespaces } from "../../packages/proxy/src/upstream/open-namespaces.ts";
import { eventually } from "../support/eventually.ts";
import { HeldFetch } from "../support/held-fetch.ts";
import { startProxied, type ProxyAnswer } from "../support/proxy.ts";
import { startRest } from "../support/rest.ts";

test("a namespace is kept once upstream has said that it exists, and else only while it is used", async () => {
  const upstream = new HeldFetch();
  const { client, server, close } = await startRest({}, { fetch: upstream.fetch });
  const open = new OpenNamespaces(client, { max: 10 });
  const { id } = server.namespaces[0]!;
  const used = async (name: string, work: (kv: KV) => Promise<unknown>): Promise<KV> => {
    let found: KV | undefined;
    const opened = open.use(
      name,
      ({ kv }) => work((found = kv)),
      (closing) => closing,
    );
    await opened.catch(() => {});
    return found!;
  };
  const read = (deadline?: number) => (kv: KV) => kv.get("a", deadline === undefined ? {} : { deadline });
  const isForgotten = (name: string, kv: KV): Promise<void> =>
    eventually(() => expect(client.kv(name) === kv).toBe(false));

  await isForgotten("made up", await used("made up", read()));
  upstream.hold();
  // Upstream says nothing about these: the callers leave first.
  await isForgotten("another", await used("another", read(1)));
  await isForgotten(id, await used(id, read(1)));
  upstream.letGo();
  const known = await used(id, read());
  upstream.hold();
  expect(await used(id, read(1))).toBe(known);
  // This one may still be written.
  const caller = new AbortController();
  const writing = used("third", (kv) => kv.put("a", "1", { signal: caller.signal }));
  await eventually(() => expect(upstream.sent.at(-1)).toContain("third"));
  caller.abort();
  const written = await writing;
  expect(await used("third", read(1))).toBe(written);
  upstream.letGo();
  await open.close();
  await close();
});

test("a namespace that is being forgotten keeps nobody waiting for longer than they like", async () => {
  const upstream = new HeldFetch();
  await using proxied = await startProxied({
    upstream: { fetch: upstream.fetch },
    // What a caller has given up goes on for as long, and the namespace is forgotten when that has ended.
    proxy: { patience: 3_600_000, cache: { max: 10, deadline: 3_600_000 } },
  });
  upstream.hold();
  const hasty = (method: string): Promise<ProxyAnswer> =>
    proxied.ask(method, "/values/a", { headers: { prefer: "wait=1" }, ...(method === "PUT" && { body: "1" }) });
  for (const method of ["GET", "GET", "PUT"]) expect((await hasty(method)).status, method).toBe(504);
  const leaver = new AbortController();
  const left = proxied.ask("GET", "/values/a", { signal: leaver.signal });
  await eventually(() => expect(proxied.proxy.stats().running).toBe(1));
  leaver.abort();
  await expect(left).rejects.toThrow();
  await eventually(() => expect(proxied.proxy.stats().running).toBe(0));

  upstream.letGo();
  await eventually(async () => expect((await proxied.ask("PUT", "/values/a", { body: "1" })).status).toBe(200));
  expect((await proxied.ask("GET", "/values/a")).text).toBe("1");
});
