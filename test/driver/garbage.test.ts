import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startServer } from "@kvplug/server";
import { expect, test } from "vitest";

const CHILD = fileURLToPath(new URL("../support/garbage-child.ts", import.meta.url));

test("what is over of a call is garbage to V8's quick collector", async () => {
  await using server = await startServer({ namespaces: ["garbage"] });
  const { id } = server.namespaces[0]!;
  await server.kv(id).put("key", "value");
  const options = { baseURL: server.url, accountId: server.account, namespaceId: id, apiToken: "any" };
  const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", CHILD, JSON.stringify(options)]);
  for (const [method, bytes] of Object.entries<number>(JSON.parse(stdout))) {
    // 600, and 4,400 where a closure kept the request with its headers and buffers.
    expect(bytes, method).toBeLessThan(2000);
  }
});
