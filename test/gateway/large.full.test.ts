import { MAX_VALUE_BYTES } from "@kvplug/core/seam";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bytesOf } from "../support/bytes.ts";
import { startGateway, type RunningGateway } from "../support/gateway.ts";
import { listAll } from "../support/namespace.ts";

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

test("values above 25 MiB are refused, whether or not their length is told", async () => {
  const body = new Uint8Array(MAX_VALUE_BYTES + 1);
  const refused = await gateway.ask("PUT", "/test/values/a", { body });
  expect([refused.status, refused.body.errors[0].code]).toEqual([413, 10012]);
  expect(refused.body.errors[0].message).toContain("26214400");
  const streamed = await gateway.ask("PUT", "/test/values/a", { body: new Response(body).body });
  expect([streamed.status, streamed.body.errors[0].code]).toEqual([413, 10012]);
  expect(await listAll(await gateway.bound())).toEqual([]);
});

test("values of 25 MiB pass in both directions, whether or not their length is told", async () => {
  const value = new Uint8Array(MAX_VALUE_BYTES).map((_, i) => i % 251);
  const kv = gateway.open();
  await kv.put("whole", value);
  await kv.put("streamed", new Response(value).body!);
  for (const key of ["whole", "streamed"]) {
    expect(Buffer.compare(await bytesOf((await kv.get(key, "stream"))!), value)).toBe(0);
  }
  await kv.close();
});

test("a bulk read of more than 25 MiB is refused, of whatever keys, and the driver reads them all", async () => {
  const bound = await gateway.bound();
  const value = "v".repeat(MAX_VALUE_BYTES / 2 + 1);
  // A binding reads keys that are numbers one by one.
  const keys = ["a", "b", "1", "2"];
  for (const key of keys) await bound.put(key, value);
  for (const some of [keys.slice(0, 2), keys.slice(2), keys]) {
    const refused = await gateway.ask("POST", "/test/bulk/get", { body: JSON.stringify({ keys: some }) });
    expect([refused.status, refused.body.errors[0].code]).toEqual([413, 10012]);
  }
  const kv = gateway.open();
  expect([...(await kv.get(keys)).values()].map((one) => one?.length)).toEqual(Array(4).fill(value.length));
  await kv.close();
});
