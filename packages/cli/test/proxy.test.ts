import { hashToken } from "@kvplug/gateway";
import { createKV } from "@kvplug/core";
import { expect, test } from "vitest";
import type { Command } from "./command.ts";
import { Setup } from "./setup.ts";

/** Where a proxy listens, once it does. */
function urlOf({ stdout }: Command): Promise<string> {
  return stdout.said(/http:\S+\/client\/v4(?=\n\n)/);
}

test("proxy: the printed lines lead to it, and it reports on stderr, as JSON", async () => {
  await using setup = await Setup.start();
  const { id } = setup.server.namespaces[0]!;
  await using proxy = setup.start(["proxy", "--port", "0", "--cache", "10", "--log-level", "debug"]);
  const baseURL = await urlOf(proxy);
  expect(await proxy.stdout.said(/( {2}export \w+=.*\n)+(?=\n)/)).toBe(
    `  export CLOUDFLARE_API_BASE_URL=${baseURL}\n  export CLOUDFLARE_ACCOUNT_ID=local\n  export CLOUDFLARE_API_TOKEN=any\n`,
  );
  const kv = createKV({ baseURL, accountId: "local", namespaceId: id, apiToken: "any" });
  await kv.put("the secret key", "a value");
  expect(await kv.get("the secret key")).toBe("a value");
  await kv.close();
  expect(await setup.server.kv("one").get("the secret key")).toBe("a value");
  proxy.signal("SIGTERM");
  const { code, stderr } = await proxy.ended;
  expect(code).toBe(0);
  const reports = stderr
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(reports.map(({ msg }) => msg)).toEqual(["listening", "answered", "answered", "draining", "ended"]);
  expect(stderr).not.toMatch(/the secret key|a-secret-token/);
});

test("proxy: tokens of the variables, with their scopes, and top reads its figures", async () => {
  const token = "kvplug_0123456789abcdef0123456789abcdef";
  await using setup = await Setup.start({ token: "a-secret-token" });
  const secret = JSON.stringify({ sha256: await hashToken(token), access: "read", prefixes: ["a:"] });
  await using proxy = setup.start(["proxy", "--port", "0"], "", {
    KVPLUG_PROXY_TOKEN: "may-do-everything",
    KVPLUG_TOKEN_READER: secret,
  });
  const url = await urlOf(proxy);
  const keys = `${url}/accounts/local/storage/kv/namespaces/${setup.server.namespaces[0]!.id}/keys`;
  const status = async (shown: string): Promise<number> =>
    (await fetch(keys, { headers: { authorization: `Bearer ${shown}` } })).status;
  expect([await status("any"), await status(token), await status("may-do-everything")]).toEqual([403, 200, 200]);
  expect(await proxy.stdout.said(/export CLOUDFLARE_API_TOKEN=.*/)).toBe("export CLOUDFLARE_API_TOKEN=YOUR_TOKEN");
  const top = await setup.run(["top", new URL("/stats", url).href, "--count", "1", "--token", token]);
  expect(top).toMatchObject({ code: 0, stdout: expect.stringMatching(/requests\.total +2\n/) });
});

test("proxy: what cannot be", async () => {
  await using setup = await Setup.start({ token: "a-secret-token" });
  const port = new URL(setup.server.url).port;
  const [busy, open, credential, ttl, json, itself] = await Promise.all([
    setup.run(["proxy", "--port", port, "--host", "127.0.0.1"], "", {
      CLOUDFLARE_API_BASE_URL: setup.server.url.replace("127.0.0.1", "0.0.0.0"),
    }),
    setup.run(["proxy", "--host", "0.0.0.0", "--port", "0"]),
    setup.run(["proxy", "--port", "0"], "", { CLOUDFLARE_API_TOKEN: "a-wrong-one" }),
    setup.run(["proxy", "--port", "0", "--ttl", "5000"]),
    setup.run(["proxy", "--port", "0"], "", { KVPLUG_TOKEN_CI: "{'a-secret-token'" }),
    setup.run(["proxy", "--port", port]),
  ]);
  expect(busy).toMatchObject({ code: 1, stderr: expect.stringContaining("is in use") });
  expect(open).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/Set a token to listen on 0\.0\.0\.0.*KVPLUG_PROXY_TOKEN/s),
  });
  expect(credential).toMatchObject({ code: 4, stderr: expect.stringContaining("403") });
  expect(ttl).toMatchObject({ code: 2, stderr: expect.stringContaining("--cache") });
  expect(json).toMatchObject({ code: 4, stderr: expect.stringContaining("KVPLUG_TOKEN_CI is not JSON") });
  expect(itself).toMatchObject({ code: 1, stderr: expect.stringContaining("cannot be its own upstream") });
  for (const { stderr } of [busy, open, credential, ttl, json, itself])
    expect(stderr).not.toMatch(/a-secret-token|a-wrong-one/);
});

test("proxy: a socket that cannot be made", async () => {
  await using setup = await Setup.start();
  const { code, stderr } = await setup.run(["proxy", "--socket", "/no/such/folder/kv.sock"]);
  expect(code).toBe(1);
  expect(stderr).toBe(
    "kvplug: /no/such/folder/kv.sock cannot be made: /no/such/folder must be a folder in which this user may write.\n",
  );
});
