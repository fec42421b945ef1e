import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { checkGateway, type CheckOptions, type CheckStep } from "@kvplug/gateway/check";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { collect } from "../support/collect.ts";
import { ConnectProxy } from "../support/connect-proxy.ts";
import { errorOf } from "../support/errors.ts";
import { startGateway, type RunningGateway } from "../support/gateway.ts";
import { listAll } from "../support/namespace.ts";
import { startRest, TOKEN } from "../support/rest.ts";

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway({
    gateway: { namespaces: { KV: { id: "kv-id", title: "test" }, GONE: "gone-id" } },
    bindings: ["KV"],
    tokens: { reader: { access: "read" }, user: { access: "read-write", namespaces: ["test"], prefixes: ["user:"] } },
  });
});
afterAll(() => gateway.close());

const check = (options: Partial<CheckOptions> = {}, url = gateway.url): Promise<CheckStep[]> =>
  collect(checkGateway(url, { token: gateway.token, ...options }));
const outcomesOf = (steps: CheckStep[]): [string, boolean][] => steps.map(({ name, ok }) => [name, ok]);

test("a gateway that works passes, and nothing is left behind", async () => {
  for (const url of [gateway.url, new URL(gateway.url).origin, `${gateway.url}/`]) {
    const steps = await check({ namespace: "test" }, url);
    expect(outcomesOf(steps)).toEqual([
      ["gateway", true],
      ["auth", true],
      ["write", true],
      ["read", true],
      ["delete", true],
      ["latency", true],
    ]);
    expect(steps[0]!.detail).toBe("serves GONE, test");
    expect(steps.at(-1)!.detail).toMatch(/^10 reads: \d+ ms median, \d+ ms at most$/);
    for (const { elapsed } of steps) expect(elapsed).toBeGreaterThan(0);
  }
  expect(await listAll(await gateway.bound())).toEqual([]);
});

test("a token that may read alone writes nothing", async () => {
  const steps = await check({ token: gateway.tokens["reader"]!, namespace: "test" });
  expect(outcomesOf(steps)).toEqual([
    ["gateway", true],
    ["auth", true],
    ["write", true],
    ["read", true],
    ["latency", true],
  ]);
  expect(steps[2]!.detail).toBe("the token is read-only: nothing was written");
});

test("a token of a prefix needs it", async () => {
  const token = gateway.tokens["user"]!;
  expect(outcomesOf(await check({ token, prefix: "user:" })).every(([, ok]) => ok)).toBe(true);
  const refused = await check({ token });
  expect(outcomesOf(refused).at(-1)).toEqual(["write", false]);
  expect(refused.at(-1)!.detail).toContain("This token does not allow the key");
});

test("what does not work is told, and no token", async () => {
  const wrong = await check({ token: "wrong-token" });
  expect(outcomesOf(wrong)).toEqual([["gateway", false]]);
  expect(wrong[0]!.detail).toBe(
    "it answered 403: none of its secrets has the hash of this token. For a new project, upload it with `npx wrangler secret bulk .dev.vars`",
  );

  const elsewhere = await check({}, `${gateway.url}/elsewhere`);
  expect(elsewhere[0]!.detail).toBe("it answered 404: the API is not there, or belongs to another account");

  const unseen = await check({ namespace: "other" });
  expect(outcomesOf(unseen)).toEqual([["gateway", false]]);
  expect(unseen[0]!.detail).toBe('the token may access GONE, test, but no namespace "other"');

  const unbound = await check({ namespace: "GONE" });
  expect(outcomesOf(unbound).at(-1)).toEqual(["write", false]);
  expect(unbound.at(-1)!.detail).toContain("no KV binding of that name");

  const { server, close } = await startRest();
  const other = await check({ token: TOKEN, account: server.account }, server.url);
  expect(outcomesOf(other)).toEqual([["gateway", false]]);
  expect(other[0]!.detail).toContain("this is not a gateway");
  await close();

  const nobody = await check({}, server.url);
  expect(outcomesOf(nobody)).toEqual([["gateway", false]]);
  expect(nobody[0]!.detail).toMatch(/^it cannot be reached: .*ECONNREFUSED/);
  for (const { detail } of [...wrong, ...unbound, ...unseen, ...other, ...nobody]) {
    expect(detail).not.toContain("wrong-token");
    expect(detail).not.toContain(gateway.token);
  }
});

test("it asks by the driver's way: through a proxy, and follows no redirect", async () => {
  const seen: string[] = [];
  const elsewhere = createServer(({ headers }, response) => {
    seen.push(JSON.stringify(headers));
    response.end("{}");
  }).listen(0, "127.0.0.1");
  const moved = createServer((_, response) =>
    response.writeHead(302, { location: `http://127.0.0.1:${portOf(elsewhere)}/` }).end(),
  ).listen(0, "127.0.0.1");
  onTestFinished(() => {
    elsewhere.close();
    moved.close();
  });
  await Promise.all([once(elsewhere, "listening"), once(moved, "listening")]);
  const [step] = await check({}, `http://127.0.0.1:${portOf(moved)}`);
  expect(step).toMatchObject({ name: "gateway", ok: false, detail: expect.stringContaining("a redirect to") });
  expect(seen).toEqual([]);

  await using proxy = await ConnectProxy.start();
  vi.stubEnv("http_proxy", `http://${proxy.host}`);
  vi.stubEnv("no_proxy", "");
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(outcomesOf(await check({ namespace: "test" })).every(([, ok]) => ok)).toBe(true);
  expect(proxy.asked.filter((asked) => asked.includes("per_page"))).toHaveLength(2);
});

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

test("bad input", async () => {
  for (const [url, options] of [
    ["nowhere", { token: "a" }],
    ["ftp://gateway", { token: "a" }],
    ["http://user:password@gateway", { token: "a" }],
    ["http://gateway", { token: "" }],
    ["http://gateway", { token: "a", tokens: "b" }],
  ] as [string, CheckOptions][]) {
    const error = await errorOf(collect(checkGateway(url, options)));
    expect(error.code).toBe("KV_INVALID");
    expect(error.message).not.toContain("password");
  }
});
