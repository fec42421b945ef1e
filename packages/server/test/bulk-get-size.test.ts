import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createKV } from "@kvplug/core";
import { MAX_VALUE_BYTES, type KVNamespace } from "@kvplug/core/seam";
import { createRoutes, openKV, startServer } from "@kvplug/server";
import { expect, onTestFinished, test } from "vitest";
import { overlaid } from "../../../test/support/overlaid.ts";
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

/** Asks routes over a namespace for keys: the status, and what was read for that. */
async function readOver(
  kv: KVNamespace<any>,
  keys: string[],
): Promise<{ status: number; body: any; asked: string[][] }> {
  const asked: string[][] = [];
  const getWithMetadata = (given: any, options: any): unknown => {
    asked.push([given].flat());
    return kv.getWithMetadata(given, options);
  };
  const info = { id: "id", title: "title" };
  const never = (): never => {
    throw new Error("There is one namespace, and it stays.");
  };
  const app = createRoutes({
    namespaces: {
      list: () => [info],
      get: () => info,
      open: () => overlaid(kv, { getWithMetadata }),
      create: never,
      rename: never,
      delete: never,
    },
  });
  const url = "http://h/client/v4/accounts/local/storage/kv/namespaces/id/bulk/get";
  const response = await app.request(url, { method: "POST", body: JSON.stringify({ keys }) });
  return { status: response.status, body: await response.json(), asked };
}

const TOO_LARGE = { status: 413, body: { errors: [{ code: 10012 }] } };

test("a store that tells no sizes is read once for an answer, and what is too much for one is refused", async () => {
  await using kv = openKV();
  const half = "v".repeat(MAX_VALUE_BYTES / 2);
  for (const key of ["a", "b"]) await kv.put(key, half);
  await kv.put("c", "c");
  expect(await readOver(kv, ["a", "b", "c"])).toMatchObject({ ...TOO_LARGE, asked: [["a", "b", "c"]] });
  const { body, ...some } = await readOver(kv, ["c", "missing"]);
  expect(some).toEqual({ status: 200, asked: [["c", "missing"]] });
  expect(body.result.values).toEqual({ c: "c", missing: null });
});

test("what a Worker's binding loses or refuses in bulk counts as well", async () => {
  await using kv = openKV();
  const half = "v".repeat(MAX_VALUE_BYTES / 2);
  for (const key of ["1", "a"]) await kv.put(key, half);
  await kv.put("2", "2");
  const losing = async (keys: any, options: any): Promise<any> => {
    const found: any = await kv.getWithMetadata(keys, options);
    if (Array.isArray(keys)) for (const key of keys) if (/^\d+$/.test(key)) found.delete(key);
    return found;
  };
  const binding = overlaid(kv, { getWithMetadata: losing });
  const lost = await readOver(binding, ["2", "missing", "3"]);
  expect(lost.body.result.values).toEqual({ 2: "2", 3: null, missing: null });
  expect(lost.asked).toEqual([["2", "missing", "3"], ["2"], ["3"]]);
  expect(await readOver(binding, ["a", "1", "2"])).toMatchObject(TOO_LARGE);
  const refusing = async (): Promise<never> => {
    throw new Error("KV GET_BULK failed: 413 Payload Too Large");
  };
  expect(await readOver(overlaid(kv, { getWithMetadata: refusing }), ["2", "3"])).toMatchObject(TOO_LARGE);
});
