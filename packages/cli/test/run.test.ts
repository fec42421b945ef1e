import { expect, test } from "vitest";
import { commandLine, spawnKvplug } from "./process.ts";
import type { Ended } from "./command.ts";
import { temporaryFile } from "./temporary-file.ts";

const NODE = process.execPath;

/** Runs it to its end. */
async function run(args: readonly string[], env: NodeJS.ProcessEnv = {}, input = ""): Promise<Ended> {
  await using started = await spawnKvplug(["run", ...args], env);
  started.stdin.end(input);
  return await started.ended;
}

const TELL = `
  const { CLOUDFLARE_API_BASE_URL: url, CLOUDFLARE_ACCOUNT_ID: account, ...env } = process.env;
  const at = url + "/accounts/" + account + "/storage/kv/namespaces";
  const headers = { authorization: "Bearer " + env.CLOUDFLARE_API_TOKEN };
  const { result } = await (await fetch(at, { headers })).json();
  console.log(JSON.stringify({ url, sdk: env.CLOUDFLARE_BASE_URL, key: env.CLOUDFLARE_API_KEY, id: env.CLOUDFLARE_KV_NAMESPACE_ID, result }));
  process.exitCode = 7;
`;

test("run: the command finds a server, its exit code is that of the run, and the server is gone", async () => {
  const env = { CLOUDFLARE_API_KEY: "a-secret-key", CLOUDFLARE_EMAIL: "me@example.com" };
  const { code, stdout, stderr } = await run(["--", NODE, "--input-type=module", "-e", TELL], env);
  const told = JSON.parse(stdout) as { url: string; sdk: string; key?: string; id: string; result: { id: string }[] };
  expect([code, stderr]).toEqual([7, ""]);
  expect(told.sdk).toBe(told.url);
  expect(told.key).toBeUndefined();
  expect(told.result).toEqual([expect.objectContaining({ title: "local", id: told.id })]);
  await expect(fetch(told.url)).rejects.toThrow("fetch failed");
  const again = JSON.parse((await run([NODE, "--input-type=module", "-e", TELL])).stdout) as { id: string };
  expect(again.id).toBe(told.id);
});

test("run: flags before the command are the server's, and what is behind it is the command's", async () => {
  const kvplug = await commandLine();
  const data = await temporaryFile();
  const put = ["--data", data, "--namespace", "n=n", ...kvplug, "put", "key", "a value", "--ttl", "1h", "-n", "n"];
  expect(await run(put)).toMatchObject({ code: 0, stderr: "" });
  const get = ["--data", data, "--token", "t", "--", ...kvplug, "get", "-n", "n", "--json", "key"];
  const { stdout } = await run(get);
  expect(JSON.parse(stdout)).toMatchObject({ key: "key", value: "a value" });
  expect(await run([...kvplug, "put", "piped"], {}, "from stdin")).toMatchObject({ code: 0, stdout: "", stderr: "" });
});

test("run: what cannot be started, and what a signal ended", async () => {
  expect(await run(["no-such-command"])).toMatchObject({
    code: 127,
    stderr: expect.stringMatching(/^kvplug: 'no-such-command' cannot be started: [^\n]+\n$/),
  });
  expect(await run(["/"])).toMatchObject({ code: 126 });
  expect(await run([])).toMatchObject({ code: 2, stderr: "kvplug: missing required argument 'command'\n" });
  expect(await run(["--host", "0.0.0.0", "true"])).toMatchObject({ code: 2 });
  expect(await run([NODE, "-e", "process.kill(process.pid, 'SIGKILL')"])).toMatchObject({ code: 137 });
});

test.each(["SIGINT", "SIGTERM"] as const)("run: %s is for the command, which ends when it likes", async (signal) => {
  const script = `process.once("${signal}", () => { console.log("heard"); process.exit(3); }); setInterval(() => {}, 1000); console.log("ready");`;
  await using started = await spawnKvplug(["run", NODE, "-e", script]);
  await started.stdout.said(/ready/);
  started.signal(signal);
  expect(await started.ended).toMatchObject({ code: 3, stdout: "ready\nheard\n", stderr: "" });
});
