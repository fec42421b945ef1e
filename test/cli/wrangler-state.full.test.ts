import { join } from "node:path";
import { expect, test } from "vitest";
import { contentsOf } from "../../packages/cli/test/setup.ts";
import { useProject } from "./wrangler-state.ts";

const project = useProject();

test("single keys, whatever their bytes, in an environment as well", async () => {
  const place = ["-n", "wrangler:CACHE", ...project.config];
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const staging = { CLOUDFLARE_ENV: "staging" };
  expect(await project.setup.run(["put", ...place, "bytes", "--ttl", "1h"], bytes, staging)).toMatchObject({
    code: 0,
    stderr: "",
  });
  expect((await project.setup.run(["get", ...place, "bytes"], "", staging)).bytes).toEqual(Buffer.from(bytes));
});

test("doctor reads it, and needs neither an account nor a token", async () => {
  const nothing = { CLOUDFLARE_ACCOUNT_ID: "", CLOUDFLARE_API_TOKEN: "", CLOUDFLARE_API_BASE_URL: "" };
  const { code, stdout } = await project.setup.run(["doctor", "-n", "wrangler:CACHE", ...project.config], "", nothing);
  expect(stdout).toContain(
    `yes: namespace 1f2ac74b1f2ac74b1f2ac74b1f2ac74b of ${join(project.wrangler.folder, ".wrangler/state")}\n`,
  );
  expect(code).toBe(0);
});

test("what has no copy there is refused; and what no project keeps", async () => {
  expect(await project.setup.run(["ls", "-n", "wrangler:LIVE", ...project.config])).toMatchObject({
    code: 4,
    stderr: expect.stringContaining("binding:LIVE"),
  });
  const alone = await project.setup.write("wrangler.toml", 'kv_namespaces = [{ binding = "KV", id = "1" }]');
  // In a process, whose environment leads to no other packages.
  await using command = await project.setup.spawn(["ls", "-n", "wrangler:", "--wrangler-config", alone], {
    NODE_PATH: "",
  });
  expect(await command.ended).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("npm install --save-dev wrangler"),
  });
});

test("what is copied within one configuration is the same", async () => {
  await project.setup.one.put("text", "a value", { metadata: { n: 1 }, expiration: 2_000_000_000 });
  for (const [from, to] of [
    ["one", "wrangler:PAGES"],
    ["wrangler:PAGES", "wrangler:NEW"],
    ["wrangler:NEW", "two"],
  ]) {
    expect(await project.setup.run(["copy", from!, to!, ...project.config, "-q"])).toMatchObject({
      code: 0,
      stderr: "",
    });
  }
  expect(await contentsOf(project.setup.two)).toEqual(await contentsOf(project.setup.one));
});
