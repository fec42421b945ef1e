import { createProxy } from "@kvplug/proxy";
import { startServer } from "@kvplug/server";
import { expect, test } from "vitest";
import { startProxied } from "../support/proxy.ts";
import { accountOf, TOKEN } from "../support/rest.ts";

test("upstream's 429 is waited for, and callers see none", async () => {
  await using proxied = await startProxied({ server: { rateLimit: { requests: 3, window: 1000 } } });
  // Each its own request: writes of one key.
  const statuses: number[] = [];
  for (let i = 0; i < 5; i++) statuses.push((await proxied.ask("PUT", "/values/a", { body: String(i) })).status);
  expect(statuses).toEqual([200, 200, 200, 200, 200]);
});

test.for([
  ["Prefer: wait", { prefer: "respond-async, wait=3" }],
  ["the timeout of Cloudflare's SDK for TypeScript", { "x-stainless-timeout": "3" }],
  ["the timeout of Cloudflare's SDK for Python", { "x-stainless-read-timeout": "3.0" }],
] as const)("who waits no longer, by %s, is told when to come back", async ([, headers]) => {
  // The proxy has looked for upstream, and others spend the rest.
  await using proxied = await startProxied({
    server: { rateLimit: { requests: 20, window: 120_000 } },
    // Who says nothing waits until the budget is there anew.
    proxy: { patience: 3_600_000 },
  });
  for (let i = 0; i < 19; i++) await fetch(proxied.server.url);
  const refused = await proxied.ask("GET", "/values/b", { headers });
  expect([refused.status, refused.body.errors[0].code]).toEqual([429, 971]);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(3);
  expect(refused.headers.get("ratelimit")).toMatch(/^"default";r=0;t=\d+$/);
  const written = await proxied.ask("PUT", "/values/c", { headers, body: "1" });
  expect(written.status).toBe(429);
  expect(await proxied.server.kv("test").get("c")).toBeNull();
});

test("upstream's refusals are passed on, and its failures told", async () => {
  await using proxied = await startProxied({ proxy: { patience: 500 } });
  const { server, proxy, ask, at } = proxied;
  const answerOf = async (url: string): Promise<unknown[]> => {
    const response = await fetch(url);
    return [response.status, ((await response.json()) as any).errors[0].code];
  };
  const namespaces = at("/..");
  for (let i = 0; i < 3; i++) expect(await answerOf(`${namespaces}/unknown/values/a`)).toEqual([404, 10013]);
  const both = [1, 2].map(() => answerOf(`${namespaces}/unknown/values/a`));
  expect(await Promise.all(both)).toEqual([
    [404, 10013],
    [404, 10013],
  ]);
  expect(await answerOf(`${proxy.url}/accounts/other/storage/kv/namespaces`)).toEqual([404, 7003]);
  expect((await ask("GET", "/values/missing")).body.errors[0].code).toBe(10009);
  await server.close();
  const failed = await ask("GET", "/values/a");
  expect([failed.status, failed.body.errors[0].code]).toEqual([504, 10001]);
  expect(failed.text).not.toContain(TOKEN);
});

test("upstream's 5xx and dropped connections are tried again", async () => {
  await using proxied = await startProxied({
    server: { faults: { errors: 0.2, drops: 0.2, html: 0.1 }, seed: 7 },
    upstream: { retry: { minDelay: 1, maxDelay: 10, attempts: 30 } },
  });
  const keys = Array.from({ length: 40 }, (_, i) => `${i}`);
  for (const key of keys) expect((await proxied.ask("PUT", `/values/${key}`, { body: key })).status).toBe(200);
  for (const key of keys) expect((await proxied.ask("GET", `/values/${key}`)).text).toBe(key);
});

test("a wrong credential or account is told at the start", async () => {
  await using server = await startServer({ token: TOKEN });
  const account = accountOf(server);
  await expect(createProxy({ upstream: { ...account, apiToken: "wrong" } })).rejects.toMatchObject({ code: "KV_AUTH" });
  await expect(createProxy({ upstream: { ...account, accountId: "wrong" } })).rejects.toMatchObject({
    code: "KV_NOT_FOUND",
  });
  await expect(createProxy({ upstream: { baseURL: server.url } })).rejects.toMatchObject({ code: "KV_CONFIG" });
});

test("one whose credential is refused later says that it is the proxy's", async () => {
  let token = TOKEN;
  await using proxied = await startProxied({
    upstream: {
      fetch: (input, init) =>
        fetch(input, { ...init, headers: { ...(init!.headers as object), authorization: `Bearer ${token}` } }),
    },
  });
  expect((await proxied.ask("GET", "/keys")).status).toBe(200);
  token = "revoked";
  const { status, body } = await proxied.ask("GET", "/keys");
  expect([status, body.errors[0].message]).toEqual([
    502,
    "Upstream rejected the proxy's credentials. The proxy's log says more.",
  ]);
});
