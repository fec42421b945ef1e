import { chmod } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { keysIn, Setup } from "./setup.ts";

/** An address that anybody may have named; it remembers what it was sent. */
async function anyAddress(): Promise<{ url: string; received: string[] }> {
  const received: string[] = [];
  const server = createServer((request, response) => {
    received.push(JSON.stringify(request.rawHeaders));
    response.writeHead(404).end("{}");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

test("a credential goes to no address of another level", async () => {
  await using setup = await Setup.start();
  const { url, received } = await anyAddress();
  const secret = "a-secret-token";
  const config = await setup.write(
    "config.json",
    JSON.stringify({
      profiles: {
        address: { baseURL: url },
        token: { apiToken: secret },
        whole: { accountId: "a", apiToken: secret },
        both: { accountId: "a", apiToken: secret, baseURL: url },
      },
    }),
  );
  await chmod(config, 0o600);
  const key = { CLOUDFLARE_API_TOKEN: "", CLOUDFLARE_EMAIL: "me@example.com", CLOUDFLARE_API_KEY: secret };
  const cases: [args: string[], env: Record<string, string>, says: RegExp][] = [
    [["--api-url", url], {}, /token of CLOUDFLARE_API_TOKEN is not sent to the address of --api-url: add --token/],
    [["--api-url", url], key, /API key of CLOUDFLARE_API_KEY is not sent to the address of --api-url/],
    [["--api-url", url, "--profile", "token"], {}, /token of profile token is not sent to the address of --api-url/],
    [["--api-url", url, "--profile", "whole"], {}, /token of profile whole is not sent to the address of --api-url/],
    [
      ["--profile", "address"],
      {},
      /token of CLOUDFLARE_API_TOKEN .* of profile address: give the profile its own apiToken/,
    ],
    [["--profile", "token"], {}, /token of profile token .* of CLOUDFLARE_API_BASE_URL: set CLOUDFLARE_API_TOKEN/],
    [["--token", secret], {}, /token of --token .* of CLOUDFLARE_API_BASE_URL: .*use both --api-url and --token/],
  ];
  for (const [flags, env, says] of cases) {
    const address = { CLOUDFLARE_API_BASE_URL: url, KVPLUG_CONFIG: config, ...env };
    const { code, stderr } = await setup.run(["get", ...flags, "-n", "one", "k"], "", address);
    expect(stderr).toMatch(says);
    expect(stderr).not.toContain(secret);
    expect(code).toBe(4);
  }
  expect(received).toEqual([]);
  const env = { KVPLUG_CONFIG: config };
  await setup.run("ls --profile both -n one", "", env);
  await setup.run(["ls", "--api-url", url, "--token", secret, "-n", "one"], "", env);
  await setup.run("ls -n one", "", { CLOUDFLARE_API_BASE_URL: url });
  expect(received).toEqual(Array.from({ length: 3 }, () => expect.stringContaining(secret)));
});

test("a key that looks like a flag sends no token, and chooses no namespace", async () => {
  await using setup = await Setup.start();
  const { url, received } = await anyAddress();
  const hostile = [`--api-url=${url}`, "--namespace=two", "--profile=p", "--token=t", "--account=a", "-ntwo"];
  for (const key of hostile) await setup.one.put(key, "hostile");
  for (const kv of [setup.one, setup.two]) await kv.put("key", "value");
  for (const key of [...hostile, "--local"]) {
    const refused = await setup.run(["delete", "key", key], "", { CLOUDFLARE_KV_NAMESPACE_ID: "one" });
    expect(refused, key).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/Put flags first, and keys after --/),
    });
  }
  for (const key of ["--namespace=two", "-ntwo"]) {
    expect(await setup.run(["delete", "-n", "one", key, "key"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("It is given twice. Put -- before keys."),
    });
  }
  for (const command of ["get", "stat", "meta", "put"]) {
    const refused = await setup.run([command, "-n", "one", "key", `--api-url=${url}`]);
    expect(refused, command).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--api-url comes after a key"),
    });
  }
  expect((await setup.run(["delete", `--api-url=${url}`, "-n", "one", "key"])).code).toBe(4);
  expect(await keysIn(setup.two)).toEqual(["key"]);
  expect((await setup.run(["delete", "-n", "one", "--", ...hostile])).code).toBe(0);
  expect(await keysIn(setup.one)).toEqual(["key"]);
  expect(received).toEqual([]);
});

test("gateway check sends the token of the variable to the URL of the variable alone", async () => {
  await using setup = await Setup.start();
  const { url, received } = await anyAddress();
  const secret = "a-secret-token";
  const own = `${setup.server.url}/`;
  const refused: [args: string[], env: Record<string, string>, code: number, says: RegExp][] = [
    [[url], {}, 4, /KVPLUG_GATEWAY_TOKEN is not sent to the URL of the command line: set KVPLUG_GATEWAY_URL to it/],
    [[url], { KVPLUG_GATEWAY_URL: own }, 4, /is not sent to the URL of the command line/],
    [[url.replace("127.0.0.1", "localhost")], { KVPLUG_GATEWAY_URL: url }, 4, /is not sent to the URL/],
    [["nowhere"], { KVPLUG_GATEWAY_URL: "nowhere" }, 4, /is not sent to the URL/],
    [["--token", secret], { KVPLUG_GATEWAY_URL: url }, 4, /--token is not sent to the address of KVPLUG_GATEWAY_URL/],
    [[], {}, 2, /Which gateway\? Pass its URL, or set KVPLUG_GATEWAY_URL/],
  ];
  for (const [args, env, code, says] of refused) {
    const ended = await setup.run(["gateway", "check", ...args], "", { KVPLUG_GATEWAY_TOKEN: secret, ...env });
    expect([ended.code, ended.stderr]).toEqual([code, expect.stringMatching(says)]);
    expect(ended.stderr).not.toContain(secret);
  }
  expect(received).toEqual([]);
  const both = { KVPLUG_GATEWAY_TOKEN: secret, KVPLUG_GATEWAY_URL: url };
  await setup.run(["gateway", "check"], "", both);
  await setup.run(["gateway", "check", `${url}/client/v4`], "", both);
  await setup.run(["gateway", "check", url, "--token", secret]);
  expect(received).toEqual(Array.from({ length: 3 }, () => expect.stringContaining(secret)));
});

test("top sends the token of the local server to no other address, and follows no redirect", async () => {
  await using setup = await Setup.start();
  const { url, received } = await anyAddress();
  const env = { KVPLUG_TOKEN: "a-secret-token" };
  expect((await setup.run(["top", url, "--count", "1"], "", env)).code).toBe(1);
  const redirecting = createServer((_, response) => response.writeHead(302, { location: url }).end()).listen(
    0,
    "127.0.0.1",
  );
  await once(redirecting, "listening");
  onTestFinished(() => void redirecting.close());
  const { port } = redirecting.address() as AddressInfo;
  const moved = await setup.run(["top", `http://127.0.0.1:${port}`, "--token", "a-secret-token"]);
  expect(moved).toMatchObject({ code: 1, stderr: expect.stringContaining("answers 302") });
  expect(received).toEqual([expect.not.stringContaining("secret")]);
});

test("credentials in a URL are refused, and not shown", async () => {
  await using setup = await Setup.start();
  const { host } = new URL(setup.server.url);
  const url = `http://me:a-secret@${host}/client/v4`;
  const config = await setup.write(
    "config.json",
    JSON.stringify({ profiles: { p: { accountId: "local", apiToken: "t", baseURL: url } } }),
  );
  await chmod(config, 0o600);
  const cases: [code: number, args: string[]][] = [
    [2, ["ls", "-n", "one", "--api-url", url, "--token", "t"]],
    [2, ["ls", "-n", "one", "--api-url", "ftp://me:a-secret@host"]],
    [2, ["ls", "-n", "one", "--api-url", "https://me:a-secret/@host"]],
    [4, ["ls", "-n", "one"]],
    [4, ["ls", "-n", "p:one"]],
    [4, ["doctor"]],
    [4, ["doctor", "--profile", "p"]],
    [2, ["top", url]],
    [1, ["gateway", "check", url, "--token", "t"]],
    [1, ["gateway", "check", `http://:a-secret@${host}`, "--token", "t"]],
    [2, ["migrate", "--from", "http://me:a-secret@host", "--to", "one"]],
    [1, ["migrate", "--from", "redis://me:a-secret@127.0.0.1:9/0", "--to", "one"]],
    [2, ["migrate", "--from", "redis://me:a-secret@127.0.0.1:9/zero", "--to", "one"]],
  ];
  for (const [code, args] of cases) {
    const ended = await setup.run(args, "", { CLOUDFLARE_API_BASE_URL: url, KVPLUG_CONFIG: config });
    expect(ended.stdout + ended.stderr, args.join(" ")).not.toContain("a-secret");
    expect([ended.code, args], ended.stderr).toEqual([code, args]);
  }
  expect(setup.server.requests.total).toBe(0);
});
