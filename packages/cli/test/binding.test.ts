import { chmod } from "node:fs/promises";
import { expect, test } from "vitest";
import { Setup } from "./setup.ts";

/** Sets up a configuration that binds the two namespaces, in the format of a file. */
async function configured(setup: Setup, name: string): Promise<string[]> {
  const [one, two] = setup.server.namespaces.map(({ id }) => id) as [string, string];
  const jsonc = `{
    // The account of all environments.
    "account_id": "${setup.server.account}",
    "kv_namespaces": [{ "binding": "PAGES", "id": "${one}" }, { "binding": "NEW" },],
    "env": { "staging": { "kv_namespaces": [{ "binding": "PAGES", "id": "${two}", "preview_id": "0" }] } },
  }`;
  const toml = `
    account_id = "${setup.server.account}"
    kv_namespaces = [{ binding = "PAGES", id = "${one}" }, { binding = "NEW" }]
    [env.staging]
    kv_namespaces = [{ binding = "PAGES", id = "${two}", preview_id = "0" }]
  `;
  return ["--wrangler-config", await setup.write(name, name.endsWith("toml") ? toml : jsonc)];
}

test.each(["wrangler.jsonc", "wrangler.toml"])("binding:NAME of %s, and of an environment", async (name) => {
  await using setup = await Setup.start();
  const config = await configured(setup, name);
  await setup.one.put("where", "production");
  await setup.two.put("where", "staging");
  const get = ["get", "-n", "binding:PAGES", ...config];
  expect((await setup.run([...get, "where"])).stdout).toBe("production");
  expect((await setup.run([...get, "--env", "staging", "where"])).stdout).toBe("staging");
  expect((await setup.run([...get, "where"], "", { CLOUDFLARE_ENV: "staging" })).stdout).toBe("staging");
  // The account is the configuration's, where no other is named.
  expect((await setup.run([...get, "where"], "", { CLOUDFLARE_ACCOUNT_ID: "" })).stdout).toBe("production");
  const same = await setup.run(["diff", "binding:PAGES", "one", ...config]);
  expect(same.stderr).toContain("Both are the same namespace");
  expect((await setup.run(["doctor", "-n", "binding:PAGES", ...config])).stdout).toMatch(
    / {2}reads {6}yes: namespace [0-9a-f]{32}\n$/,
  );
});

test("what is not bound is told, with what is", async () => {
  await using setup = await Setup.start();
  const config = await configured(setup, "wrangler.jsonc");
  const says = async (...args: string[]): Promise<string> => {
    const { code, stderr } = await setup.run(["ls", ...args, ...config]);
    expect(code).toBe(4);
    return stderr;
  };
  expect(await says("-n", "binding:PAGE")).toContain("has no KV binding 'PAGE'. It has PAGES, NEW.");
  expect(await says("-n", "binding:")).toContain("binds PAGES, NEW.");
  expect(await says("-n", "binding:NEW")).toContain("has no id for 'NEW'");
  expect(await says("-n", "binding:PAGES", "--env", "prod")).toContain("has no environment 'prod'. It has staging.");
});

test("a file that cannot be read is told, and nothing of it is quoted", async () => {
  await using setup = await Setup.start();
  const says = async (name: string, content: string): Promise<string> => {
    const file = await setup.write(name, content);
    const { code, stderr } = await setup.run(["ls", "-n", "binding:KV", "--wrangler-config", file]);
    expect(code).toBe(4);
    expect(stderr).not.toContain("SECRET");
    return stderr;
  };
  expect(await says("wrangler.jsonc", '{ "vars": "SECRET }')).toContain("it is not JSON with comments");
  expect(await says("wrangler.toml", "vars = SECRET")).toContain("it is not TOML");
  expect(await says("wrangler.json", "[]")).toContain("it must be an object");
  expect(await says("wrangler.json", '{ "kv_namespaces": [{ "id": "SECRET" }] }')).toContain("has no binding");
  expect(await says("wrangler.json", '{ "kv_namespaces": "SECRET" }')).toContain("must be a list");
});

test("what a profile and what a title may be called", async () => {
  await using setup = await Setup.start();
  await setup.one.put("a", "1");
  const config = await configured(setup, "wrangler.jsonc");
  const profile = { baseURL: setup.server.url, accountId: setup.server.account, apiToken: "a-secret-token" };
  const file = await setup.write("config.json", JSON.stringify({ profiles: { prod: profile } }));
  await chmod(file, 0o600);
  const env = { KVPLUG_CONFIG: file };
  const get = await setup.run(["get", "-n", "prod:binding:PAGES", ...config, "a"], "", env);
  expect(get).toMatchObject({ code: 0, stdout: "1" });
  await setup.write("config.json", JSON.stringify({ profiles: { wrangler: profile } }));
  expect((await setup.run("ls -n one", "", env)).stderr).toContain("local, binding, wrangler are reserved");
});
