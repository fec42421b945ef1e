import { fork as forkChild } from "node:child_process";
import cluster from "node:cluster";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { relayClusterBus } from "@kvplug/cache";
import { testManyPuts } from "./fixtures/many-puts.ts";
import { fork, kill, KIND_NAMES, startFar } from "./fixtures/workers.ts";

/** For what never comes: no machine is so slow. */
const PATIENTLY = { timeout: 60_000 };

describe.each(KIND_NAMES)("among %s", (kind) => {
  let far: Awaited<ReturnType<typeof startFar>>;
  beforeAll(async () => {
    far = await startFar(kind);
  });
  afterAll(() => far.stop());

  test("what one writes or deletes, the others read anew, and nothing else", async () => {
    const { caches, server } = far;
    const [a, b] = caches;
    const kv = server.kv(server.namespaces[0]!.id);
    for (const key of ["written", "deleted", "left alone"]) await kv.put(key, "old");
    const keys = ["written", "deleted", "left alone", "created"];
    expect(await b.get(...keys)).toEqual(["old", "old", "old", null]);

    await a.put(["written", "new"], ["created", "new"]);
    await a.delete("deleted");
    // Past all caches: who sees this has asked.
    await kv.put("left alone", "new");
    await vi.waitFor(async () => expect(await b.get(...keys)).toEqual(["new", null, "old", "new"]), PATIENTLY);

    // The writer's own copies are what it wrote, and stay.
    server.requests.reset();
    expect(await a.get("written", "deleted", "created")).toEqual(["new", null, "new"]);
    expect(server.requests.total).toBe(0);
    expect(await b.stats()).toMatchObject({ errors: 0 });
  });

  test("what one invalidates goes everywhere: a key, several, all with a prefix", async () => {
    const { caches, server } = far;
    const [a, b] = caches;
    const kv = server.kv(server.namespaces[0]!.id);
    const keys = ["k", "l", "m", "user:1", "user:2", "users"];
    for (const key of keys) await kv.put(key, "old");
    for (const cache of caches) expect(await cache.get(...keys)).toEqual(Array(6).fill("old"));
    for (const key of keys) await kv.put(key, "new");

    const expected = Array<string>(6).fill("old");
    const invalidated = async (what: Parameters<typeof a.invalidate>[0], ...indexes: number[]): Promise<void> => {
      await a.invalidate(what);
      for (const index of indexes) expected[index] = "new";
      expect(await a.get(...keys)).toEqual(expected);
      await vi.waitFor(async () => expect(await b.get(...keys)).toEqual(expected), PATIENTLY);
    };
    await invalidated("k", 0);
    await invalidated(["l", "m"], 1, 2);
    await invalidated({ prefix: "user:" }, 3, 4);
    await invalidated({ prefix: "" }, 5);
  });

  test("what one invalidates by its tag is no copy anywhere, though KV still shows it as good", async () => {
    const { caches, server } = far;
    const [a, b] = caches;
    const kv = server.kv(server.namespaces[0]!.id);
    const record = "kvplug:tag:news";
    await a.put(["tagged", "old", { tags: ["news"] }], ["other", "old", { tags: ["weather"] }]);
    expect(await b.get("tagged", "other")).toEqual(["old", "old"]);
    await a.invalidateTags(["news"]);
    expect(await kv.get(record)).not.toBeNull();
    // As a distant place would still see it.
    await kv.delete(record);
    await vi.waitFor(async () => expect(await b.get("tagged", "other")).toEqual([null, "old"]), PATIENTLY);
    expect(await a.get("tagged", "other")).toEqual([null, "old"]);
  });

  testManyPuts(1000, () => far);

  // The last one, since it is not opened again.
  test("one that has closed its cache is missed by nobody", async () => {
    const { caches } = far;
    const [a, b] = caches;
    await a.put(["lone", "1"]);
    await b.close();
    await a.put(["lone", "2"]);
    expect(await a.get("lone")).toEqual(["2"]);
    expect(await a.stats()).toMatchObject({ errors: 0 });
  });
});

test("two caches in one worker of a cluster: what one writes, the other reads anew", async () => {
  const stopRelaying = relayClusterBus(cluster);
  onTestFinished(stopRelaying);
  const worker = fork(new URL("fixtures/two-caches.ts", import.meta.url));
  onTestFinished(() => kill(worker));
  expect(await once(worker, "exit")).toEqual([0, null]);
});

describe("nobody is kept alive by a bus, open or closed", () => {
  const OPEN_BUS = new URL("fixtures/open-bus.ts", import.meta.url);

  test.each([[[]], [["close"]]])("a worker of a cluster that lives for other things %j", async (args) => {
    const worker = fork(OPEN_BUS, args);
    onTestFinished(() => kill(worker));
    expect(await once(worker, "exit")).toEqual([0, null]);
  });

  test("a worker of a cluster that is disconnected", async () => {
    const worker = fork(new URL("fixtures/cache-worker.ts", import.meta.url), [], {
      CACHE_WORKER: JSON.stringify({ bus: "lonely", accountId: "a", namespaceId: "n", baseURL: "http://127.0.0.1:9" }),
    });
    onTestFinished(() => kill(worker));
    await once(worker, "online");
    worker.disconnect();
    expect(await once(worker, "exit")).toEqual([0, null]);
  });

  test.each([[[]], [["close"]]])("a child process %j", async (args) => {
    expect(await once(forkChild(OPEN_BUS, args, { execArgv: [] }), "exit")).toEqual([0, null]);
  });

  test("a child process that is no worker of a cluster, where clusterBus fails and costs no call", async () => {
    // Its exit code is the number of errors: it could neither listen nor tell of its write.
    expect(await once(forkChild(OPEN_BUS, ["cluster"], { execArgv: [] }), "exit")).toEqual([2, null]);
  });
});
