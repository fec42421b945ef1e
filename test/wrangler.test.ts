import { afterAll, beforeAll, expect, test } from "vitest";
import { startRest, type RestSetup } from "./support/rest.ts";
import { Wrangler } from "./support/wrangler.ts";

// Each of wrangler's processes takes a second of CPU: all its commands are in `wrangler.full.test.ts`.
let rest: RestSetup;
let wrangler: Wrangler;
beforeAll(async () => {
  rest = await startRest();
  wrangler = await Wrangler.open(rest.server);
});
afterAll(async () => {
  await wrangler[Symbol.asyncDispose]();
  await rest.close();
});

test("wrangler puts a key with metadata and TTL, and lists it", async () => {
  const onNamespace = ["--namespace-id", rest.server.namespaces[0]!.id, "--remote"];
  const key = "path/to#a key";
  const before = Math.floor(Date.now() / 1000);
  const given = ["--metadata", '{"kind":"note"}', "--ttl", "600"];
  await wrangler.run(["kv", "key", "put", key, "a value", ...onNamespace, ...given]);
  const after = Math.floor(Date.now() / 1000);
  expect(await rest.kv.getWithMetadata(key)).toMatchObject({ value: "a value", metadata: { kind: "note" } });

  const listed = await wrangler.run(["kv", "key", "list", ...onNamespace, "--prefix", "path/"]);
  const keys = JSON.parse(listed.toString()) as { expiration: number }[];
  expect(keys).toEqual([{ name: key, metadata: { kind: "note" }, expiration: expect.any(Number) }]);
  expect(keys[0]!.expiration).toBeGreaterThanOrEqual(before + 600);
  expect(keys[0]!.expiration).toBeLessThanOrEqual(after + 600);
});
