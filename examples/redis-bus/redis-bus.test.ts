import { execFile, spawn, spawnSync } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { CACHE_CHANNEL, withCache, type CachedKV, type CacheEvent } from "@kvplug/cache";
import { createKV } from "@kvplug/core";
import { startServer } from "@kvplug/server";
import { createClient, type RedisClientType } from "redis";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { openCache } from "./open-cache.ts";
import { redisBus } from "./redis-bus.ts";

const NODE = join(import.meta.dirname, "..", "..", "node_modules", "node", "bin", "node");

const REDIS = "redis-server";
/** For what never comes: no machine is so slow. */
const PATIENTLY = { timeout: 60_000 };
const hasRedis = spawnSync(REDIS, ["--version"]).status === 0;
if (!hasRedis) {
  console.warn(
    "No redis-server is found, so the bus over Redis is not tested here. Debian: apt-get install redis-server",
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** A Redis of the test's own, which keeps nothing. */
async function startRedis(port: number): Promise<{ url: string; kill(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "kvplug-redis-"));
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder];
  const redis = spawn(REDIS, args);
  const ended = once(redis, "exit");
  const kill = async (): Promise<void> => {
    redis.kill("SIGKILL");
    await ended;
  };
  onTestFinished(async () => {
    await kill();
    await rm(folder, { recursive: true });
  });
  let log = "";
  for await (const text of redis.stdout.setEncoding("utf8").iterator({ destroyOnReturn: false })) {
    log += text;
    if (log.includes("Ready to accept connections")) break;
  }
  redis.stdout.resume();
  return { url: `redis://127.0.0.1:${port}`, kill };
}

/** Two caches of one namespace, each with a Redis client of its own; both have joined the bus. */
async function openCaches(url: string) {
  let joined = 0;
  const onEvent = (event: unknown): void => {
    if ((event as CacheEvent).type === "invalidate") joined++;
  };
  subscribe(CACHE_CHANNEL, onEvent);
  onTestFinished(() => void unsubscribe(CACHE_CHANNEL, onEvent));
  const server = await startServer();
  onTestFinished(() => server.close());
  const { id } = server.namespaces[0]!;
  const open = async (): Promise<{ kv: CachedKV; redis: RedisClientType }> => {
    const redis: RedisClientType = createClient({
      url,
      disableOfflineQueue: true,
      socket: { reconnectStrategy: () => 20 },
    });
    redis.on("error", () => {});
    await redis.connect();
    const ids = { baseURL: server.url, accountId: server.account, namespaceId: id, apiToken: "any" };
    const kv = withCache(createKV({ ...ids, writeInterval: 0 }), {
      max: 100,
      ttl: 3_600_000,
      bus: redisBus(redis, "test"),
    });
    onTestFinished(async () => {
      await kv.close();
      redis.destroy();
    });
    return { kv, redis };
  };
  const [a, b] = [await open(), await open()];
  await vi.waitFor(() => expect(joined).toBe(2), PATIENTLY);
  return { server, kv: server.kv(id), a, b };
}

describe.skipIf(!hasRedis)("over a real Redis", () => {
  test("what one process writes, the other one reads anew", async () => {
    const { url } = await startRedis(await freePort());
    const run = promisify(execFile);
    const { stdout, stderr } = await run(NODE, [join(import.meta.dirname, "two-processes.ts"), url]);
    expect(stderr).toBe("");
    const lines = stdout.trim().split("\n");
    expect(lines.slice(0, -1)).toEqual([
      "reader: null",
      "writer: hello",
      "reader: hello",
      "writer: hello again",
      "reader: hello again",
      "writer: bye",
      "reader: bye",
    ]);
    // One for each value that there was, one more if its bus was not joined when it began; the copy answered all others.
    expect(lines.at(-1)).toMatch(/^reader: [45] of \d+ reads had to ask$/);
  });

  test("it brings a cache its own messages, and what is no message, and neither does harm", async () => {
    const { url } = await startRedis(await freePort());
    const { server, a, b } = await openCaches(url);
    const heard: string[] = [];
    const listener = createClient({ url });
    await listener.connect();
    onTestFinished(() => listener.destroy());
    await listener.subscribe("test", (text) => heard.push(text));

    await a.kv.put("k", "secret");
    await vi.waitFor(() => expect(heard).toHaveLength(1), PATIENTLY);
    expect(JSON.parse(heard[0]!)).toEqual({ from: expect.any(String), keys: ["k"] });
    await listener.publish("test", "{ no JSON");
    await vi.waitFor(() => expect([a, b].map(({ kv }) => kv.stats().errors)).toEqual([1, 1]), PATIENTLY);

    // Its own message came back before that one.
    server.requests.reset();
    expect(await a.kv.get("k")).toBe("secret");
    expect(server.requests.total).toBe(0);

    expect(await b.kv.get("k")).toBe("secret");
    await a.kv.delete("k");
    await vi.waitFor(async () => expect(await b.kv.get("k")).toBeNull(), PATIENTLY);

    await b.kv.close();
    await vi.waitFor(async () => expect(await a.redis.pubSubNumSub("test")).toMatchObject({ test: 2 }), PATIENTLY);
  });

  test("a lost Redis costs nobody a call, and its return makes all copies go", async () => {
    const port = await freePort();
    const redis = await startRedis(port);
    const { kv, a, b } = await openCaches(redis.url);
    await kv.put("k", "1");
    expect(await b.kv.get("k")).toBe("1");

    await redis.kill();
    await vi.waitFor(() => expect([a.redis.isReady, b.redis.isReady]).toEqual([false, false]), PATIENTLY);
    await a.kv.put("k", "2");
    a.kv.invalidate({ prefix: "x" });
    expect(await a.kv.get("k")).toBe("2");
    expect(await kv.get("k")).toBe("2");
    // Nobody told it, and its copy is good for an hour.
    expect(await b.kv.get("k")).toBe("1");
    await vi.waitFor(() => expect(a.kv.stats().errors).toBe(2), PATIENTLY);

    await startRedis(port);
    await vi.waitFor(async () => expect(await b.kv.get("k")).toBe("2"), PATIENTLY);
    await vi.waitFor(async () => expect(await b.redis.pubSubNumSub("test")).toMatchObject({ test: 2 }), PATIENTLY);
    await a.kv.put("k", "3");
    await vi.waitFor(async () => expect(await b.kv.get("k")).toBe("3"), PATIENTLY);
  });
});

test("a Redis that is not there is named without its password", async () => {
  const port = await freePort();
  await expect(openCache(`redis://me:secret@127.0.0.1:${port}`)).rejects.toThrow(
    `There is no Redis at redis://me@127.0.0.1:${port}.`,
  );
});
