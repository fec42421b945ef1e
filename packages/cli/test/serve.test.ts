import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { kvplug, serve, type Command } from "./command.ts";
import { temporaryFile } from "./temporary-file.ts";

const run = promisify(execFile);

/** What was printed to be pasted into a shell. */
async function toPaste({ stdout }: Command): Promise<string> {
  const printed = await stdout.said(/( {2}export \w+=.*\n)+(?=\n)/);
  return printed.replaceAll(/^ {2}/gm, "");
}

/** Runs a program of the driver in a shell into which these lines were pasted. */
async function inShell(lines: string, program: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const shell = `${lines}\nexec "$0" --input-type=module --eval "$1"`;
  const { stdout } = await run("sh", ["-c", shell, process.execPath, program], {
    cwd: import.meta.dirname,
    env: { ...process.env, NODE_NO_WARNINGS: "1", ...env },
  });
  return stdout;
}

const PUT_AND_GET = `
  import { createKV } from "@kvplug/core";
  const kv = createKV();
  await kv.put("k", "a value");
  console.log(await kv.get("k"));
  await kv.close();
`;

test("without flags about namespaces, there is one, and the printed lines lead to it", async () => {
  await using served = kvplug(["serve", "--port", "0"]);
  const lines = await toPaste(served);
  expect(lines).toMatch(
    /^export CLOUDFLARE_API_BASE_URL=http:\/\/127\.0\.0\.1:\d+\/client\/v4\nexport CLOUDFLARE_ACCOUNT_ID=local\nexport CLOUDFLARE_API_TOKEN=any\nexport CLOUDFLARE_KV_NAMESPACE_ID=[0-9a-f]{32}\n$/,
  );
  expect(await inShell(lines, PUT_AND_GET)).toBe("a value\n");
});

test("each --port 0 is a port of its own", async () => {
  await using first = await serve();
  await using second = await serve();
  expect(first.url).not.toBe(second.url);
  expect((await fetch(first.at("/keys"))).status).toBe(200);
  expect((await fetch(second.at("/keys"))).status).toBe(200);
});

test("--namespace gives titles and ids, --account the account", async () => {
  await using served = await serve(["--namespace", "a=b=letters", "--namespace", "drawn", "--account", "acc"]);
  const { result } = (await (await fetch(`${served.url}/accounts/acc/storage/kv/namespaces?order=title`)).json()) as {
    result: { id: string; title: string }[];
  };
  expect(result.map(({ id, title }) => [title, id])).toEqual([
    ["a=b", "letters"],
    ["drawn", expect.stringMatching(/^[0-9a-f]{32}$/)],
    ["numbers", "n"],
  ]);
  expect(await served.stdout.said(/ {2}namespace letters .*/)).toBe("  namespace letters  a=b");
  expect(await toPaste(served)).toContain("CLOUDFLARE_ACCOUNT_ID=acc\n");
});

test("--data keeps values and namespaces", async () => {
  const data = await temporaryFile();
  await using first = await serve(["--data", data]);
  expect((await fetch(first.at("/values/k"), { method: "PUT", body: "kept" })).status).toBe(200);
  first.signal("SIGTERM");
  await first.ended;

  // It is not told of the namespace now, finds it, and adds none of its own.
  await using second = kvplug(["serve", "--port", "0", "--data", data]);
  const lines = await toPaste(second);
  expect(lines).toContain("CLOUDFLARE_KV_NAMESPACE_ID=n\n");
  const program = `
    import { createClient, createKV } from "@kvplug/core";
    const [client, kv] = [createClient(), createKV()];
    console.log(await kv.get("k"), (await client.namespaces.page(1)).totalCount);
    await Promise.all([client.close(), kv.close()]);
  `;
  expect(await inShell(lines, program)).toBe("kept 1\n");
});

test("a token of the variable is demanded, and never printed", async () => {
  const token = "wVz4-a-secret";
  await using served = await serve(["--host", "0.0.0.0"], { KVPLUG_TOKEN: token });
  expect((await fetch(served.at("/keys"))).status).toBe(403);
  expect((await fetch(served.at("/keys"), { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
  const lines = await toPaste(served);
  expect(lines).toContain('CLOUDFLARE_API_TOKEN="$KVPLUG_TOKEN"\n');
  expect(await inShell(lines, PUT_AND_GET, { KVPLUG_TOKEN: token })).toBe("a value\n");
  served.signal("SIGINT");
  const { stdout, stderr } = await served.ended;
  expect(stdout + stderr).not.toContain(token);
});

test("a token of the flag is demanded, wins over the variable, and is never printed", async () => {
  await using served = await serve(["--token", "of-the-flag"], { KVPLUG_TOKEN: "of-the-variable" });
  expect((await fetch(served.at("/keys"), { headers: { authorization: "Bearer of-the-variable" } })).status).toBe(403);
  expect((await fetch(served.at("/keys"), { headers: { authorization: "Bearer of-the-flag" } })).status).toBe(200);
  expect(await toPaste(served)).toContain("CLOUDFLARE_API_TOKEN=YOUR_TOKEN\n");
  served.signal("SIGINT");
  expect((await served.ended).stdout).not.toContain("of-the");
});
