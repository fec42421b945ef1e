// What a user does first with each package, against the server: a program of the packed packages, on any Node.
import { deepEqual, equal } from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { withCache } from "@kvplug/cache";
import { createStores } from "@kvplug/cache-manager";
import { kvStore } from "@kvplug/cache-manager/v5";
import { createKV } from "@kvplug/core";
import { createKeyv } from "@kvplug/keyv";
import { kvDriver } from "@kvplug/keyv/bentocache";
import { startServer } from "@kvplug/server";
import { KVSessions } from "@kvplug/session";
import createDriver from "@kvplug/unstorage";

const server = await startServer({ writeLimit: true });
const [{ id: namespaceId }] = server.namespaces;
const kv = createKV({ baseURL: server.url, accountId: server.account, namespaceId, apiToken: "any" });
const user = { name: "Ada" };

await kv.put("core", JSON.stringify(user), { metadata: { by: "core" } });
deepEqual(await kv.get("core", "json"), user);

const cached = withCache(kv, { max: 100 });
equal(await cached.get("core"), JSON.stringify(user));

const keyv = createKeyv(kv, { namespace: "keyv" });
await keyv.set("ada", user, 5_000);
deepEqual(await keyv.get("ada"), user);

const bento = kvDriver(kv).factory({ prefix: "bento" });
await bento.set("ada", "a value", 60_000);
equal(await bento.get("ada"), "a value");

const [store] = createStores(kv, { namespace: "stores" });
await store.set("ada", user, 5_000);
deepEqual(await store.get("ada"), user);

const five = kvStore(kv, { namespace: "five" });
await five.set("ada", user, 5_000);
deepEqual(await five.get("ada"), user);

const driver = createDriver({ kv, base: "unstorage" });
await driver.setItem("ada", JSON.stringify(user), {});
equal(await driver.getItem("ada"), JSON.stringify(user));

const sessions = new KVSessions(kv);
await sessions.set("ada", { user });
deepEqual(await sessions.get("ada"), { user });
await sessions.close();

const env = {
  ...process.env,
  CLOUDFLARE_API_BASE_URL: server.url,
  CLOUDFLARE_ACCOUNT_ID: server.account,
  CLOUDFLARE_API_TOKEN: "any",
  CLOUDFLARE_KV_NAMESPACE_ID: namespaceId,
};
const command = [import.meta.dirname + "/node_modules/kvplug/dist/main.js", "export", "--prefix", "core", "-q"];
const { stdout } = await promisify(execFile)(process.execPath, command, { env });
equal(JSON.parse(stdout).value, JSON.stringify(user));

const keys = [];
for await (const { name } of kv.keys()) keys.push(name);
await cached.close();
await server.close();
console.log(`the program ran, and left ${keys.join(", ")}`);
