import { createProxy } from "@kvplug/proxy";
import { startServer } from "@kvplug/server";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-port.ts";
import { startProxied } from "../support/proxy.ts";
import { accountOf, TOKEN } from "../support/rest.ts";

/** Takes what is reported. */
class Reports {
  readonly lines: { level: string; message: string; [about: string]: unknown }[] = [];
  readonly debug = this.#taking("debug");
  readonly info = this.#taking("info");
  readonly warn = this.#taking("warn");

  #taking(level: string) {
    return (about: object, message: string): void => void this.lines.push({ level, message, ...about });
  }

  get text(): string {
    return JSON.stringify(this.lines);
  }
}

const SECRETS = ["a-token-0123456789-0123456789-01", "the secret key", "the secret value", "the secret metadata"];

test("statistics, metrics and reports tell what happens, and no key, value or token", async () => {
  const log = new Reports();
  await using proxied = await startProxied({
    server: { rateLimit: { requests: 50, window: 3_600_000 } },
    proxy: { token: SECRETS[0]!, cache: { max: 100 }, log },
  });
  const { proxy, ask, server } = proxied;
  const headers = { authorization: `Bearer ${SECRETS[0]}` };
  const [, key, value, metadata] = SECRETS as [string, string, string, string];
  const body = JSON.stringify([{ key, value, metadata }]);
  expect((await ask("PUT", "/bulk", { headers, body })).status).toBe(200);
  for (let i = 0; i < 3; i++)
    expect((await ask("GET", `/values/${encodeURIComponent(key)}`, { headers })).text).toBe(value);
  expect((await ask("GET", "/values/missing", { headers })).status).toBe(404);
  expect((await ask("GET", "/keys", { headers: { authorization: "Bearer wrong" } })).status).toBe(403);

  const page = async (path: string): Promise<string> => (await fetch(new URL(path, proxy.url), { headers })).text();
  const stats = JSON.parse(await page("/stats"));
  expect(stats).toEqual(JSON.parse(JSON.stringify(proxy.stats())));
  expect(stats).toMatchObject({
    requests: { total: 5, "PUT /:namespace/bulk": 1, "GET /:namespace/values/:key": 4 },
    running: 0,
    upstream: { requests: server.requests.total, writtenKeys: 1, readKeys: 1 },
    budget: { requests: 50, window: 3_600_000 },
    cache: { hits: 3, misses: 1, entries: 2 },
  });

  const metrics = await page("/metrics");
  expect(metrics).toContain(
    'kvplug_proxy_request_duration_seconds_count{route="GET /:namespace/values/:key",status="200"} 3',
  );
  expect(metrics).toContain(`kvplug_upstream_requests_total ${server.requests.total}`);
  expect(metrics).toContain("kvplug_cache_hits_total 3");
  expect(metrics).toContain("kvplug_budget_requests 50");
  // Looked up, and not added up, at each scrape.
  expect(await page("/metrics")).toContain("kvplug_cache_hits_total 3");

  await proxy.close();
  expect(log.lines.map(({ level, message }) => [level, message])).toEqual([
    ["info", "listening"],
    ...Array.from({ length: 9 }, () => ["debug", "answered"]),
    ["info", "draining"],
    ["info", "ended"],
  ]);
  expect(log.lines[1]).toEqual({
    level: "debug",
    message: "answered",
    route: "PUT /:namespace/bulk",
    status: 200,
    milliseconds: expect.any(Number),
  });
  for (const secret of SECRETS) expect(`${JSON.stringify(stats)}${metrics}${log.text}`).not.toContain(secret);
});

test("it lives at once, and is ready from when upstream has answered until it ends", async () => {
  const log = new Reports();
  const port = await freePort();
  const account = { baseURL: `http://127.0.0.1:${port}/client/v4`, accountId: "local", apiToken: TOKEN };
  await using proxy = await createProxy({ upstream: { ...account, retry: false }, log });
  const health = async (path: string): Promise<unknown[]> => {
    const response = await fetch(new URL(path, proxy.url));
    return [response.status, await response.text()];
  };
  expect(await health("/livez")).toEqual([200, "ok\n"]);
  expect(await health("/readyz")).toEqual([503, "upstream cannot be reached\n"]);
  expect(log.lines.filter(({ level }) => level === "warn")).toHaveLength(2);
  const server = await startServer({ token: TOKEN, port });
  expect(await health("/readyz")).toEqual([200, "ok\n"]);
  await server.close();
  // Others have no better upstream.
  expect(await health("/readyz")).toEqual([200, "ok\n"]);
  expect(server.requests.total).toBe(1);
});

test("what fails is reported as a warning, by its route and why", async () => {
  const log = new Reports();
  await using proxied = await startProxied({ proxy: { patience: 200, log }, upstream: { retry: false } });
  await proxied.server.close();
  expect((await proxied.ask("GET", "/values/the%20key")).status).toBe(502);
  await eventually(() =>
    expect(log.lines.at(-1)).toEqual({
      level: "warn",
      message: "failed",
      route: "GET /:namespace/values/:key",
      status: 502,
      reason: "KV_NETWORK",
      cause: "ECONNREFUSED",
      milliseconds: expect.any(Number),
    }),
  );
  expect(log.text).not.toContain("the key");
  expect(accountOf(proxied.server).apiToken).toBe(TOKEN);
});
