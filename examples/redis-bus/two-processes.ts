/**
 * Two processes, each with a cache of its own, and Redis between them: `node two-processes.ts URL`.
 * What this one writes, the other one reads anew. KV is a server on this machine.
 *
 * @module
 */
import { fork } from "node:child_process";
import { createInterface } from "node:readline";
import { startServer } from "@kvplug/server";
import { openCache } from "./open-cache.ts";

const url = process.argv[2] ?? "redis://127.0.0.1:6379";

await using server = await startServer();
Object.assign(process.env, {
  CLOUDFLARE_API_BASE_URL: server.url,
  CLOUDFLARE_ACCOUNT_ID: server.account,
  CLOUDFLARE_KV_NAMESPACE_ID: server.namespaces[0]!.id,
  CLOUDFLARE_API_TOKEN: "any",
});

const { kv, redis } = await openCache(url);
const reader = fork(new URL("reader.ts", import.meta.url), [url], { stdio: ["inherit", "pipe", "inherit", "ipc"] });
const lines = createInterface(reader.stdout!)[Symbol.asyncIterator]();
const readerSays = async (): Promise<void> => console.log("reader:", (await lines.next()).value);

await readerSays();
for (const greeting of ["hello", "hello again", "bye"]) {
  console.log("writer:", greeting);
  await kv.put("greeting", greeting);
  await readerSays();
}
await readerSays();
await kv.close();
await redis.close();
