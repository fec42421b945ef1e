/**
 * What a user does first with each package, against a server of its own: `program.ts`, on any platform that has
 * `node:` modules. Fails where anything is not as it should be.
 *
 * @module
 */
import { deepEqual, equal, rejects } from "node:assert/strict";
import { tracingChannel } from "node:diagnostics_channel";
import { withCache } from "@kvplug/cache";
import { createKV, TRACING_CHANNEL, type KVRequestEvent } from "@kvplug/core";
import { createKeyv } from "@kvplug/keyv";
import { startServer } from "@kvplug/server";
import { KVSessions } from "@kvplug/session";
import createDriver from "@kvplug/unstorage";

const server = await startServer({ namespaces: ["test"] });
const account = { baseURL: server.url, accountId: server.account, apiToken: "any" };
const kv = createKV({ ...account, namespaceId: server.namespaces[0]!.id, writeInterval: 0 });
const user = { name: "Ada" };

await kv.put("a", JSON.stringify(user), { metadata: { by: "core" } });
deepEqual(await kv.get("a", "json"), user);
deepEqual((await kv.getWithMetadata("a")).metadata, { by: "core" });
equal((await kv.get(["a", "b"])).get("b"), null);

const large = "né€😀".repeat(100_000);
await kv.putMany([
  { key: "large", value: large },
  { key: "other", value: large },
]);
equal(await kv.get("large"), large);
await kv.put("bytes", new Uint8Array(2_000_000).fill(200), { metadata: 1 });
equal((await kv.get("bytes", "arrayBuffer"))!.byteLength, 2_000_000);
await kv.put("stream", new Blob(["in ", "pieces"]).stream());
equal(await new Response((await kv.get("stream", "stream")) as ReadableStream).text(), "in pieces");
await rejects(
  kv.put("stream", new ReadableStream({ pull: (controller) => controller.error(new Error("the source failed")) })),
  /the source failed/,
);
equal(await kv.get("stream"), "in pieces");
await rejects(kv.get("a", { deadline: -1 }), { code: "KV_INVALID" });

const seen: KVRequestEvent[] = [];
const listen = (message: unknown): void => void seen.push(message as KVRequestEvent);
tracingChannel(TRACING_CHANNEL).asyncEnd.subscribe(listen);
await kv.get("a");
tracingChannel(TRACING_CHANNEL).asyncEnd.unsubscribe(listen);
await kv.get("a");
deepEqual(
  seen.map(({ method, status }) => [method, status]),
  [["GET", 200]],
);

const cached = withCache(kv, { max: 100, deadline: Infinity });
equal(await cached.get("a"), JSON.stringify(user));
const before = kv.stats().requests;
equal(await cached.get("a"), JSON.stringify(user));
equal(kv.stats().requests, before);

const keyv = createKeyv(kv, { namespace: "keyv" });
await keyv.set("ada", user, 5_000);
deepEqual(await keyv.get("ada"), user);

const driver = createDriver({ kv, base: "unstorage" });
await driver.setItem("ada", JSON.stringify(user), {});
equal(await driver.getItem("ada"), JSON.stringify(user));

const sessions = new KVSessions(kv);
await sessions.set("ada", { user });
deepEqual(await sessions.get("ada"), { user });
await sessions.close();

const names: string[] = [];
for await (const { name } of kv.keys({ prefix: "s" })) names.push(name);
deepEqual(names, ["sess:ada", "stream"]);
equal(await kv.clear(), 8);
await kv.close();
await server.close();
console.log("all is well");
