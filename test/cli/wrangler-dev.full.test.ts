import { join } from "node:path";
import { expect, test } from "vitest";
import { Setup } from "../../packages/cli/test/setup.ts";
import { Wrangler } from "../support/wrangler.ts";

const WORKER = `export default {
  async fetch(request, { PAGES }) {
    const key = new URL(request.url).pathname.slice(1);
    if (request.method === "PUT") await PAGES.put(key, await request.text());
    return new Response(await PAGES.get(key));
  },
};`;

const CONFIGURATION = `
name = "app"
main = "worker.js"
compatibility_date = "2026-01-01"
kv_namespaces = [{ binding = "PAGES", id = "0f2ac74b0f2ac74b0f2ac74b0f2ac74b" }]
`;

const KEYS = 500;

test("while `wrangler dev` runs, its Worker and kvplug see what the other writes", async () => {
  await using setup = await Setup.start();
  await using wrangler = await Wrangler.open();
  await wrangler.install();
  await wrangler.file("worker.js", WORKER);
  await wrangler.file("wrangler.toml", CONFIGURATION);
  const place = ["-n", "wrangler:PAGES", "--wrangler-config", join(wrangler.folder, "wrangler.toml")];
  await using dev = await wrangler.dev();
  expect(await (await fetch(`${dev.url}/theirs`, { method: "PUT", body: "1" })).text()).toBe("1");
  expect(await setup.run(["get", ...place, "theirs"])).toMatchObject({ code: 0, stdout: "1", stderr: "" });

  // At the same time, many.
  const records = Array.from({ length: KEYS }, (_, i) => `${JSON.stringify({ key: `ours:${i}`, value: `${i}` })}\n`);
  const file = await setup.write("in.ndjson", records.join(""));
  const over = new AbortController();
  const importing = setup.run(["import", file, ...place, "-q"]).finally(() => over.abort());
  for (let i = 0; !over.signal.aborted; i++) await fetch(`${dev.url}/meanwhile:${i}`, { method: "PUT", body: "" });
  expect(await importing).toMatchObject({ code: 0, stderr: "" });
  for (const i of [0, KEYS - 1]) expect(await (await fetch(`${dev.url}/ours:${i}`)).text()).toBe(`${i}`);
  const { stdout } = await setup.run(["ls", ...place, "ours:"]);
  expect(stdout.trim().split("\n")).toHaveLength(KEYS);

  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  expect((await setup.run(["put", ...place, "bytes"], bytes)).code).toBe(0);
  const read = await wrangler.run(["kv", "key", "get", "bytes", "--binding", "PAGES", "--local"]);
  expect(read).toEqual(Buffer.from(bytes));
});
