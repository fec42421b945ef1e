import { execFile, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test, type TestContext } from "vitest";
import { startProxied, type Proxied } from "../support/proxy.ts";

const run = promisify(execFile);

const TOKEN = "a-token-0123456789-0123456789-01";
const PYTHON_CLIENT = fileURLToPath(new URL("./plain-client.py", import.meta.url));

/** Skips a test where this machine has no such program. */
function need(program: string, { skip }: TestContext): void {
  skip(spawnSync(program, ["--version"]).status !== 0, `no ${program} is found. Debian: apt-get install ${program}`);
}

const start = (): Promise<Proxied> => startProxied({ proxy: { token: TOKEN } });

/** A proxy whose budget others have spent, for longer than anybody waits. */
async function startSpent(): Promise<Proxied> {
  const proxied = await startProxied({
    server: { rateLimit: { requests: 20, window: 600_000 } },
    proxy: { token: TOKEN },
  });
  for (let i = 0; i < 19; i++) await fetch(proxied.server.url);
  return proxied;
}

/** The status, the headers and the body that curl shows. */
async function curl(url: string, ...options: string[]): Promise<{ status: number; head: string; body: string }> {
  const auth = ["-H", `authorization: Bearer ${TOKEN}`];
  const { stdout } = await run("curl", ["-sS", "-i", ...auth, ...options, url], { maxBuffer: 2 ** 24 });
  // Before a large body, the proxy says that it may come.
  const [, head = "", body = ""] = /^(?:HTTP\/1.1 100 Continue\r\n\r\n)?(.*?)\r\n\r\n(.*)$/s.exec(stdout) ?? [];
  return { status: Number(/^HTTP\/1.1 (\d+)/.exec(head)?.[1]), head, body };
}

test("curl", async (context) => {
  need("curl", context);
  await using proxied = await start();
  const { server, at } = proxied;
  for (const key of ["plain", "a/path//with ?query&#", "ключ 🔑", "%2F"]) {
    const value = at(`/values/${encodeURIComponent(key)}`);
    const form = ["-X", "PUT", "-F", "value=a value", "-F", 'metadata={"n":1}'];
    expect((await curl(`${value}?expiration_ttl=3600`, ...form)).status).toBe(200);
    const read = await curl(value);
    expect([read.status, read.body]).toEqual([200, "a value"]);
    expect(read.head).toMatch(/^expiration: \d+\r?$/im);
    expect(JSON.parse((await curl(value.replace("/values/", "/metadata/"))).body).result).toEqual({ n: 1 });
    const { body } = await curl(at("/bulk/get"), "--data-binary", JSON.stringify({ keys: [key, "none"] }));
    expect(JSON.parse(body).result.values).toEqual({ [key]: "a value", none: null });
    const { result } = JSON.parse((await curl(at("/keys"))).body);
    expect(result.map(({ name }: { name: string }) => name)).toEqual([key]);
    expect((await curl(value, "-X", "DELETE")).status).toBe(200);
    const missing = await curl(value);
    expect([missing.status, JSON.parse(missing.body).errors[0].code]).toEqual([404, 10009]);
  }
  // Of a large body it asks first whether it may come: `Expect: 100-continue`.
  const large = "x".repeat(2_000_000);
  const put = ["-sS", "--fail", "-X", "PUT", "--data-binary", "@-"];
  const putting = run("curl", [...put, "-H", `authorization: Bearer ${TOKEN}`, at("/values/large")]);
  putting.child.stdin!.end(large);
  await putting;
  expect(await server.kv("test").get("large")).toBe(large);
  const wrong = await curl(at("/keys"), "-H", "authorization: Bearer wrong");
  expect([wrong.status, JSON.parse(wrong.body).errors[0].code]).toEqual([403, 10000]);
});

test("curl, when the budget is spent", async (context) => {
  need("curl", context);
  await using proxied = await startSpent();
  const { status, head, body } = await curl(proxied.at("/values/a"), "-H", "prefer: wait=1");
  expect([status, JSON.parse(body).errors[0].code]).toEqual([429, 971]);
  expect(Number(/^retry-after: (\d+)\r?$/im.exec(head)?.[1])).toBeGreaterThan(1);
});

test("Python's standard library", async (context) => {
  need("python3", context);
  await using proxied = await start();
  await run("python3", [PYTHON_CLIENT, proxied.at(), TOKEN]);
});

test("Python's standard library, when the budget is spent", async (context) => {
  need("python3", context);
  await using proxied = await startSpent();
  await run("python3", [PYTHON_CLIENT, proxied.at(), TOKEN, "spent"]);
});
