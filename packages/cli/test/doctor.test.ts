import { execFile } from "node:child_process";
import { chmod } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import type { Ended } from "./command.ts";
import { Setup } from "./setup.ts";

test("doctor: what is configured, from where, that it works; and never a token", async () => {
  await using setup = await Setup.start({ token: "a-secret-token-1234" });
  const env = { CLOUDFLARE_API_TOKEN: "a-secret-token-1234" };
  const [well, wrong, nothing] = await Promise.all([
    setup.run("doctor -n one", "", env),
    setup.run(["doctor", "--token", "another-secret-5678", "--api-url", setup.server.url], "", env),
    setup.run("doctor", "", { CLOUDFLARE_API_TOKEN: "", CLOUDFLARE_ACCOUNT_ID: "" }),
  ]);
  expect(well).toMatchObject({ code: 0, stderr: "" });
  expect(well.stdout).toContain(`  API        ${setup.server.url}  (CLOUDFLARE_API_BASE_URL)\n`);
  expect(well.stdout).toContain("  token      ••••1234  (CLOUDFLARE_API_TOKEN)\n");
  expect(well.stdout).toMatch(
    / {2}works {6}yes: the account has 2 namespaces: one \([0-9a-f]{32}\), two \([0-9a-f]{32}\)\n {2}reads {6}yes: namespace [0-9a-f]{32}\n$/,
  );
  expect(wrong).toMatchObject({ code: 4, stderr: "" });
  expect(wrong.stdout).toMatch(/••••5678 {2}\(--token\)\n! works {6}no: .*Authentication/);
  expect(nothing.code).toBe(4);
  expect(nothing.stdout).toMatch(
    /! account .*CLOUDFLARE_ACCOUNT_ID\n! token .*CLOUDFLARE_API_TOKEN\n! works {6}no: Which account\?/,
  );
  expect(well.stdout + wrong.stdout + nothing.stdout).not.toContain("secret");
});

test("doctor: profiles, and a config file that is not used", async () => {
  await using setup = await Setup.start();
  const { url, account } = setup.server;
  const profile = { baseURL: url, accountId: account, apiToken: "a-secret-token-1234", namespace: "two" };
  const config = await setup.write("config.json", JSON.stringify({ profiles: { prod: profile } }));
  await chmod(config, 0o600);
  const env = { KVPLUG_CONFIG: config };
  const well = await setup.run("doctor --profile prod --json", "", env);
  expect(well.code).toBe(0);
  expect(JSON.parse(well.stdout)).toContainEqual({
    what: "namespace",
    says: "two",
    from: "profile prod",
    isWell: true,
  });
  const address = await setup.run("doctor -n prod:one", "", {
    ...env,
    CLOUDFLARE_API_TOKEN: "",
    CLOUDFLARE_ACCOUNT_ID: "",
  });
  expect(address).toMatchObject({ code: 0, stderr: "" });
  expect(address.stdout).toMatch(
    / {2}token {6}••••1234 {2}\(profile prod\)\n {2}namespace {2}one {2}\(--namespace\)\n/,
  );
  const nowhere = await setup.run("doctor -n tow", "", env);
  expect(nowhere.code).toBe(4);
  expect(nowhere.stdout).toMatch(
    / {2}works {6}yes: .*\n! reads {6}no: There is no namespace 'tow'\. Did you mean 'two'\?\n$/,
  );
  await setup.write("config.json", `{"profiles": {"prod": {"apitoken": "a-secret"}}}`);
  const wrong = await setup.run("doctor", "", env);
  expect(wrong.code).toBe(4);
  expect(wrong.stdout).toContain("the profile 'prod' has an unknown field 'apitoken'. Fields are accountId, apiToken,");
  expect(wrong.stdout).not.toContain("secret");
  const asked = await setup.run("doctor --profile prod", "", env);
  expect(asked.code).toBe(4);
  expect(asked.stdout).toMatch(/^ .*\n! config .* is not used: .*\n$/);
});

test("completion: a script that a shell takes, and what it asks for", async () => {
  await using setup = await Setup.start();
  // As a shell calls it, in a process: what it prints, a library prints.
  const ask = async (...args: string[]): Promise<Ended> => {
    await using process = await setup.spawn(args);
    return await process.ended;
  };
  const [script, commands, flags] = await Promise.all([
    ask("completion", "bash"),
    ask("complete", "--", "imp"),
    ask("complete", "--", "export", "--f"),
  ]);
  expect(script.code).toBe(0);
  // A shell may read it again, and another one of the same library.
  const bash = await promisify(execFile)("bash", [
    "-c",
    `${script.stdout}${script.stdout}complete -p kvplug; type readonly`,
  ]);
  expect(bash).toEqual({
    stdout: "complete -F __kvplug_complete kvplug\nreadonly is a shell builtin\n",
    stderr: "",
  });
  expect(commands.stdout).toMatch(/^import\t/m);
  expect(flags.stdout).toMatch(/^--format\t/m);
  expect(await setup.run("completion tcsh")).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^kvplug: .*tcsh.*\n$/),
  });
});

test("an id that nobody knows is told with the namespaces there are, by every command", async () => {
  await using setup = await Setup.start();
  const id = "0".repeat(32);
  const file = await setup.write("in.ndjson", '{"key":"a","value":"1"}\n');
  const { stderr } = await setup.run(["stat", "-n", id, "k"]);
  const known = setup.server.namespaces.map(({ id, title }) => `${title} (${id})`).join(", ");
  expect(stderr).toBe(`kvplug: There is no namespace '${id}': the account has 2 namespaces: ${known}.\n`);
  for (const args of [
    ["get", "-n", id, "k"],
    ["put", "-n", id, "k", "v"],
    ["ls", "-n", id],
    ["export", "-n", id],
    ["import", file, "-n", id],
    ["copy", id, "one"],
    ["copy", "one", id, "--prefix", ""],
    ["diff", "one", id],
    ["purge", "-n", id, "--yes"],
  ]) {
    await setup.one.put("k", "v");
    expect(await setup.run(args), args.join(" ")).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/^(kvplug \w+: .*\n)*kvplug: There is no namespace '0{32}': .*\n$/),
    });
  }
});
