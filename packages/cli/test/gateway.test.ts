import { mkdir, readdir, readFile } from "node:fs/promises";
import { hashToken } from "@kvplug/gateway";
import { expect, test } from "vitest";
import { Setup } from "./setup.ts";

test("gateway init: a project whose token is printed once", async () => {
  await using setup = await Setup.start();
  const folder = setup.path("edge");
  // One id is given, the other looked up.
  const made = await setup.run(["gateway", "init", folder, "-n", "one", "-n", "pages=pages-id", "--read-only"]);
  expect(made).toMatchObject({ code: 0, stderr: "" });
  // What comes next, for whoever reads nothing else.
  for (const said of ["npx wrangler deploy", "npx wrangler secret bulk .dev.vars", "gateway check", "/client/v4"]) {
    expect(made.stdout).toContain(said);
  }
  const [token] = /kvplug_[0-9a-f]{64}/.exec(made.stdout)!;
  const config = JSON.parse(await setup.read("edge/wrangler.jsonc"));
  expect(config).toMatchObject({
    name: "kv-gateway",
    kv_namespaces: [
      { binding: "ONE", id: setup.server.namespaces[0]!.id },
      { binding: "PAGES", id: "pages-id" },
    ],
  });
  const secret = JSON.stringify({ sha256: await hashToken(token), access: "read" });
  expect(await setup.read("edge/.dev.vars")).toBe(`KVPLUG_TOKEN_MAIN='${secret}'\n`);

  const again = await setup.run(["gateway", "init", folder, "-n", "one"]);
  expect(again).toMatchObject({ code: 1, stdout: "" });
  expect(again.stderr).toContain("already exists");
  expect(await readFile(setup.path("edge/.dev.vars"), "utf8")).toContain(secret);
});

test("gateway init: what cannot be", async () => {
  await using setup = await Setup.start();
  const empty = setup.path("empty");
  await mkdir(empty);
  const [none, unknown, name] = await Promise.all([
    setup.run(["gateway", "init", empty]),
    setup.run(["gateway", "init", empty, "-n", "won"]),
    setup.run(["gateway", "init", empty, "-n", "one=id", "--name", "My Gateway"]),
  ]);
  expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining("--namespace") });
  expect(unknown).toMatchObject({
    code: 4,
    stderr: expect.stringContaining("There is no namespace 'won'. Did you mean"),
  });
  expect(name).toMatchObject({ code: 1, stderr: expect.stringContaining("Worker's name") });
  expect(await readdir(empty)).toEqual([]);
});

test("gateway check: tells what is wrong, and no token", async () => {
  await using setup = await Setup.start({ token: "a-secret-token" });
  const [notOne, json, noToken, noURL] = await Promise.all([
    setup.run(["gateway", "check", "--account", "local"], "", {
      KVPLUG_GATEWAY_URL: setup.server.url,
      KVPLUG_GATEWAY_TOKEN: "a-secret-token",
    }),
    setup.run(["gateway", "check", setup.server.url, "--account", "local", "--token", "another-secret", "--json"]),
    setup.run(["gateway", "check", setup.server.url]),
    setup.run(["gateway", "check", "nowhere", "--token", "a-secret-token"]),
  ]);
  expect(notOne).toMatchObject({ code: 1, stderr: "" });
  expect(notOne.stdout).toMatch(
    /^! gateway {2}it answers without kvplug-limits: this is not a gateway {2}\(\d+ ms\)\n$/,
  );
  expect(json.code).toBe(1);
  expect(JSON.parse(json.stdout)).toMatchObject({ name: "gateway", ok: false, detail: expect.stringContaining("403") });
  // That of Cloudflare is in the environment, and stays there.
  expect(noToken).toMatchObject({ code: 4, stdout: "", stderr: expect.stringContaining("KVPLUG_GATEWAY_TOKEN") });
  expect(setup.server.requests.total).toBe(2);
  expect(noURL).toMatchObject({ code: 1, stderr: expect.stringContaining("https://") });
  for (const { stdout, stderr } of [notOne, json, noToken, noURL])
    expect(stdout + stderr).not.toMatch(/a-secret-token|another-secret/);
});
