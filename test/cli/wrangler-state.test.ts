import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { contentsOf, Setup } from "../../packages/cli/test/setup.ts";
import { Wrangler } from "../support/wrangler.ts";

const CONFIGURATION = `{
  // What this machine is to have under an id, a preview id, or neither.
  "name": "app",
  "compatibility_date": "2026-01-01",
  "kv_namespaces": [
    { "binding": "PAGES", "id": "0f2ac74b0f2ac74b0f2ac74b0f2ac74b", "preview_id": "pages-of-a-preview" },
    { "binding": "CACHE", "id": "1f2ac74b1f2ac74b1f2ac74b1f2ac74b" },
    { "binding": "NEW" },
    { "binding": "LIVE", "id": "2f2ac74b2f2ac74b2f2ac74b2f2ac74b", "remote": true },
  ],
  "env": { "staging": { "kv_namespaces": [{ "binding": "CACHE", "id": "staging" }] } },
}`;

let setup: Setup;
let wrangler: Wrangler;
let config: string[];

/** A project as its author has it, with a wrangler of its own. */
beforeAll(async () => {
  setup = await Setup.start();
  wrangler = await Wrangler.open();
  await wrangler.install();
  await wrangler.file("wrangler.jsonc", CONFIGURATION);
  config = ["--wrangler-config", join(wrangler.folder, "wrangler.jsonc")];
});
afterAll(async () => {
  await setup[Symbol.asyncDispose]();
  await wrangler[Symbol.asyncDispose]();
});

test("what kvplug writes wrangler finds, and what wrangler writes kvplug finds, with metadata and expirations", async () => {
  await setup.one.put("text", "a\nvalue ☃", { metadata: { n: 1 }, expiration: 2_000_000_000 });
  await setup.one.put("bytes", Uint8Array.of(0xff, 0, 0x80));
  const local = ["--binding", "PAGES", "--preview", "--local"];
  expect(await setup.run(["copy", "one", "wrangler:PAGES", ...config, "-q"])).toMatchObject({ code: 0, stderr: "" });
  const listed = JSON.parse((await wrangler.run(["kv", "key", "list", ...local])).toString()) as unknown;
  expect(listed).toEqual([{ name: "bytes" }, { name: "text", expiration: 2_000_000_000, metadata: { n: 1 } }]);

  await wrangler.run(["kv", "key", "put", "theirs", "1", "--metadata", '{"by":"wrangler"}', ...local]);
  // By way of another one of the same configuration.
  expect((await setup.run(["copy", "wrangler:PAGES", "wrangler:NEW", ...config, "-q"])).code).toBe(0);
  expect(await setup.run(["copy", "wrangler:NEW", "two", ...config, "-q"])).toMatchObject({ code: 0, stderr: "" });
  expect(await contentsOf(setup.two)).toEqual([
    ...(await contentsOf(setup.one)),
    { key: "theirs", value: "1", metadata: { by: "wrangler" } },
  ]);
});

test("single keys, whatever their bytes, in an environment as well", async () => {
  const place = ["-n", "wrangler:CACHE", ...config];
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const staging = { CLOUDFLARE_ENV: "staging" };
  expect(await setup.run(["put", ...place, "bytes", "--ttl", "1h"], bytes, staging)).toMatchObject({
    code: 0,
    stderr: "",
  });
  expect((await setup.run(["get", ...place, "bytes"], "", staging)).bytes).toEqual(Buffer.from(bytes));
});

test("doctor reads it, and needs neither an account nor a token", async () => {
  const nothing = { CLOUDFLARE_ACCOUNT_ID: "", CLOUDFLARE_API_TOKEN: "", CLOUDFLARE_API_BASE_URL: "" };
  const { code, stdout } = await setup.run(["doctor", "-n", "wrangler:CACHE", ...config], "", nothing);
  expect(stdout).toContain(
    `yes: namespace 1f2ac74b1f2ac74b1f2ac74b1f2ac74b of ${join(wrangler.folder, ".wrangler/state")}\n`,
  );
  expect(code).toBe(0);
});

test("what has no copy there is refused; and what no project keeps", async () => {
  expect(await setup.run(["ls", "-n", "wrangler:LIVE", ...config])).toMatchObject({
    code: 4,
    stderr: expect.stringContaining("binding:LIVE"),
  });
  const alone = await setup.write("wrangler.toml", 'kv_namespaces = [{ binding = "KV", id = "1" }]');
  // In a process, whose environment leads to no other packages.
  await using command = await setup.spawn(["ls", "-n", "wrangler:", "--wrangler-config", alone], { NODE_PATH: "" });
  expect(await command.ended).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("npm install --save-dev wrangler"),
  });
});
