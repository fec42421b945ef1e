import { kvDriver } from "@kvplug/keyv/bentocache";
import { BentoCache, bentostore } from "bentocache";
import { memoryDriver } from "bentocache/drivers/memory";
import { registerCacheDriverTestSuite } from "bentocache/test_suite";
import { afterAll, afterEach, assert, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { useStandingClock } from "../support/clock.ts";
import { errorOf } from "../support/errors.ts";
import { eventually } from "../support/eventually.ts";
import { listAll } from "../support/namespace.ts";
import { openMiniflare } from "../support/miniflare.ts";
import { startRest, useRest } from "../support/rest.ts";

type Factory = ReturnType<typeof kvDriver>["factory"];

const grounds = { "the REST driver": () => startRest(), "Miniflare's env.KV": openMiniflare };

describe.each(Object.entries(grounds))("BentoCache's own suite over %s", (_name, openGround) => {
  let ground: Awaited<ReturnType<typeof openGround>>;
  let cleanups: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    ground = await openGround();
  });
  afterEach(async () => {
    for (const cleanup of cleanups) await cleanup();
    cleanups = [];
  });
  afterAll(() => ground.close());

  // It is written for another runner: what it uses of that one's group and test, in vitest's.
  const group = {
    setup: (setup: () => Promise<() => Promise<void>>) => beforeAll(() => setup()),
    tap: () => {},
    each: { teardown: (teardown: () => Promise<void>) => afterEach(teardown) },
  };
  const cleanup = (run: () => Promise<void>): void => void cleanups.push(run);
  const advance = useStandingClock();
  let driver: ReturnType<Factory> | undefined;
  const test = (name: string, run: (context: object) => Promise<void>): void =>
    it(name, name === "set() store a value with expiration" ? expires : () => run({ assert, cleanup }));
  /** In place of that test, which expects that a second and a half are not over, and sleeps until they are. */
  const expires = async (): Promise<void> => {
    await driver!.set("key", "value", 1500);
    advance(1499);
    expect(await driver!.get("key")).toBe("value");
    advance(1);
    expect(await driver!.get("key")).toBeUndefined();
  };
  registerCacheDriverTestSuite({
    test: test as any,
    group: group as any,
    createDriver: (options) => {
      const { options: own, factory } = kvDriver(ground.kv);
      const created = factory({ prefix: "tests", ...own, ...options });
      driver ??= created;
      return created;
    },
  });
});

describe("a BentoCache", () => {
  const rest = useRest();
  const open = (options = {}): BentoCache<any> =>
    new BentoCache({
      default: "kv",
      ttl: "10m",
      stores: { kv: bentostore().useL1Layer(memoryDriver()).useL2Layer(kvDriver(rest.kv, options)) },
    });

  it("answers from KV what another process put there", async () => {
    await open().getOrSet({ key: "ada", factory: () => ({ plan: "free" }) });
    const found = await open().getOrSet({ key: "ada", factory: () => ({ plan: "of another factory" }) });
    expect(found).toEqual({ plan: "free" });
    const [record] = await listAll(rest.kv);
    expect(record).toMatchObject({ name: "bentocache:ada", expiration: expect.any(Number) });
  });

  it("deletes by tags, and many at once", async () => {
    const bento = open({ prefix: "app" });
    await bento.set({ key: "a", value: 1, tags: ["t"] });
    await bento.set({ key: "b", value: 2 });
    await bento.deleteByTag({ tags: ["t"] });
    expect(await open({ prefix: "app" }).get({ key: "a" })).toBeUndefined();
    const keys = Array.from({ length: 500 }, (_, i) => `key ${i}`);
    await Promise.all(keys.map((key) => bento.set({ key, value: key })));
    rest.server.requests.reset();
    await bento.deleteMany({ keys });
    expect(rest.server.requests.total).toBe(1);
    expect(await open({ prefix: "app" }).get({ key: "b" })).toBe(2);
  });

  it("clears a namespace and no other", async () => {
    const bento = open();
    await bento.set({ key: "a", value: 1 });
    await bento.namespace("users").set({ key: "a", value: 2 });
    await bento.namespace("users-2").set({ key: "a", value: 3 });
    await bento.namespace("users").clear();
    expect((await listAll(rest.kv)).map(({ name }) => name)).toEqual(["bentocache:a", "bentocache:users-2:a"]);
    await bento.clear();
    expect(await listAll(rest.kv)).toEqual([]);
  });

  it("leaves a namespace open that it was given, and closes a driver that it opened", async () => {
    await open().disconnectAll();
    await rest.kv.put("after", "all");
    const driver = kvDriver({
      baseURL: rest.server.url,
      accountId: rest.server.account,
      namespaceId: "x".repeat(32),
      apiToken: "t",
    });
    expect(JSON.stringify(driver.options)).toBe("{}");
    const opened = driver.factory({ prefix: "p" });
    await opened.disconnect();
    expect((await errorOf(opened.get("a"))).code).toBe("KV_CLOSED");
  });

  it("warns once where its configuration is why it does without KV", async () => {
    const warnings: Error[] = [];
    const listen = (warning: Error): void => void warnings.push(warning);
    process.on("warning", listen);
    onTestFinished(() => void process.off("warning", listen));
    const options = { baseURL: rest.server.url, accountId: rest.server.account, apiToken: "t" };
    const kv = kvDriver({ ...options, namespaceId: "f".repeat(32) });
    const bento = new BentoCache({
      default: "kv",
      stores: { kv: bentostore().useL1Layer(memoryDriver()).useL2Layer(kv) },
    });
    expect(await bento.getOrSet({ key: "a", factory: () => 1 })).toBe(1);
    expect(await bento.namespace("users").getOrSet({ key: "b", factory: () => 2 })).toBe(2);
    await eventually(async () => expect(warnings).not.toEqual([]));
    await bento.set({ key: "c", value: 3 });
    await bento.disconnectAll();
    expect(warnings).toEqual([
      expect.objectContaining({
        code: "KV_AUTH",
        message: expect.stringMatching(/^BentoCache runs without its second layer, kvDriver: /),
      }),
    ]);
  });

  it("refuses what it does not know, where it was written", () => {
    expect(() => kvDriver({ prefx: "p" } as object)).toThrow(/kvDriver has no option "prefx".*Did you mean prefix\?/);
    expect(() => kvDriver(rest.kv, { prefx: "p" } as object)).toThrow("prefx");
    expect(() => kvDriver({ kv: rest.kv, apiToken: "t" })).toThrow("apiToken");
  });
});
