import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createKV } from "@kvplug/core";
import { MAX_VALUE_BYTES, type KVNamespace } from "@kvplug/core/seam";
import { openKV, startServer } from "@kvplug/server";
import { expect, onTestFinished, test } from "vitest";
import { overlaid } from "../../../test/support/overlaid.ts";
import { overRoutes } from "../../../test/support/over-routes.ts";
import { expectError, resultOf, startApi } from "./api.ts";

test("a bulk read hands out 25 MiB of values, and is refused above that; the driver reads them all", async () => {
  await using api = await startApi();
  const kv = api.server.kv("main");
  const half = "v".repeat(MAX_VALUE_BYTES / 2);
  await kv.put("a", half);
  await kv.put("b", half);
  await kv.put("c", "c");
  const read = (keys: string[]) => api.ask("POST", "/bulk/get", { keys, withMetadata: true });
  // Of the same key twice, the value counts once.
  expect(Object.keys(resultOf(await read(["a", "b", "a", "missing"])).values)).toEqual(["a", "b", "missing"]);
  expectError(await read(["a", "b", "c"]), 413, 10012, /26214400 .*\(25 MiB\).* 3 keys have 26214401/);

  await using driver = createKV({
    baseURL: api.server.url,
    accountId: "local",
    namespaceId: "main-id",
    apiToken: "any",
  });
  api.server.requests.reset();
  expect([...(await driver.get(["a", "b", "c", "missing"])).values()]).toEqual([half, half, "c", null]);
  // Refused as a whole, and read by halves.
  expect(api.server.requests.byRoute).toEqual({ "POST /:namespace/bulk/get": 3 });
  expect((await driver.getWithMetadata("a")).value).toBe(half);
});

test("what is refused as too much is not read: a server with little memory lives on", async () => {
  const folder = await mkdtemp(join(tmpdir(), "kvplug-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const data = join(folder, "kv.db");
  const keys = Array.from({ length: 5 }, (_, i) => `k${i}`);
  {
    await using server = await startServer({ data, namespaces: [{ title: "main", id: "main" }] });
    const kv = server.kv("main");
    const value = new Uint8Array(MAX_VALUE_BYTES).fill(0x76);
    for (const key of keys) await kv.put(key, value);
  }
  const fixture = join(import.meta.dirname, "fixtures", "serve.ts");
  const child = spawn(process.execPath, ["--max-old-space-size=100", fixture, data], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [url] = (await once(createInterface(child.stdout), "line")) as [string];
  const response = await fetch(`${url}/accounts/local/storage/kv/namespaces/main/bulk/get`, {
    method: "POST",
    body: JSON.stringify({ keys }),
  });
  expect([response.status, await response.json()]).toMatchObject([413, { errors: [{ code: 10012 }] }]);
  expect(child.exitCode).toBeNull();
});

/** What routes over this namespace answer to a bulk read, past the driver's search for what it may have: the status of each request. */
function routesOver(kv: KVNamespace<any>) {
  const asked: string[][] = [];
  const getWithMetadata = (keys: string | string[], options: any): unknown => {
    asked.push([keys].flat());
    return kv.getWithMetadata(keys as string, options);
  };
  return { driver: overRoutes(overlaid(kv, { getWithMetadata, valueBytes: undefined })), asked };
}

test("a store that tells no sizes is read once for an answer, and what is too much for one is refused", async () => {
  await using kv = openKV();
  const half = "v".repeat(MAX_VALUE_BYTES / 2);
  await kv.put("a", half);
  await kv.put("b", half);
  await kv.put("c", "c");
  const { driver, asked } = routesOver(kv);
  expect([...(await driver.get(["a", "b", "missing"])).values()]).toEqual([half, half, null]);
  expect(asked).toEqual([["a", "b", "missing"]]);
  asked.length = 0;
  expect([...(await driver.get(["a", "b", "c"])).values()]).toEqual([half, half, "c"]);
  // Refused as a whole, and asked for by halves.
  expect(asked).toEqual([["a", "b", "c"], ["a", "b"], ["c"]]);
  await driver.close();
});

test("what a Worker's binding loses or refuses in bulk counts as well", async () => {
  await using kv = openKV();
  const half = "v".repeat(MAX_VALUE_BYTES / 2);
  for (const key of ["1", "2", "a"]) await kv.put(key, half);
  await kv.put("3", "3");
  let isTooMuch = false;
  const getWithMetadata = async (keys: any, options: any): Promise<any> => {
    if (!Array.isArray(keys)) return kv.getWithMetadata(keys, options);
    if (isTooMuch) throw new Error("KV GET_BULK failed: 413 Payload Too Large");
    const found = await kv.getWithMetadata(keys);
    for (const key of keys) if (/^\d+$/.test(key)) found.delete(key);
    return found;
  };
  const { driver, asked } = routesOver(overlaid(kv, { getWithMetadata }));
  expect([...(await driver.get(["a", "1", "missing"])).values()]).toEqual([half, half, null]);
  expect(asked).toEqual([["a", "1", "missing"], ["1"]]);
  expect([...(await driver.get(["a", "1", "2", "3"])).values()]).toEqual([half, half, half, "3"]);
  isTooMuch = true;
  asked.length = 0;
  expect([...(await driver.get(["a", "1", "2"])).values()]).toEqual([half, half, half]);
  // Each refusal is the API's own, and not a fault of the server.
  expect(asked).toEqual([["a", "1", "2"], ["a", "1"], ["2"], ["a"], ["1"]]);
  await driver.close();
});
