import { expect, test, vi } from "vitest";
import type { NextKVOptions } from "../../packages/next/src/options.ts";
import { useStandingClock } from "../support/clock.ts";
import { eventually } from "../support/eventually.ts";
import { listAll } from "../support/namespace.ts";
import { accountOf, useRest } from "../support/rest.ts";
import { openInstance, result, textOf, type Instance } from "./instances.ts";

const rest = useRest();
const advance = useStandingClock();

const open = (options: NextKVOptions = {}): Instance =>
  openInstance({ kv: { ...accountOf(rest.server), namespaceId: rest.server.namespaces[0]!.id }, ...options });
const stored = (count: number): Promise<void> =>
  eventually(async () => expect(await listAll(rest.server.kv("test"), { prefix: "next:use:" })).toHaveLength(count));

test("what a function returned comes back in another process, as often as it is asked for", async () => {
  const one = open();
  await one.results.set("key", result("hello", { tags: ["a"] }));
  await stored(1);
  const other = open();
  for (let i = 0; i < 2; i++) {
    const { value: _, ...times } = (await other.results.get("key", []))!;
    expect(times).toEqual({ tags: ["a"], stale: 30, timestamp: Date.now(), expire: 3600, revalidate: 900 });
    expect(await textOf(await other.results.get("key", []))).toBe("hello");
  }
});

test("who asks while it is made waits for it", async () => {
  const { results } = open();
  const { promise, resolve } = Promise.withResolvers<Awaited<ReturnType<typeof result>>>();
  const setting = results.set("key", promise);
  const asked = results.get("key", []);
  resolve(await result("hello"));
  expect(await textOf(await asked)).toBe("hello");
  await setting;
});

test("a function that fails, or does while its result streams, leaves nothing", async () => {
  const { results } = open();
  await results.set("one", Promise.reject(new Error("It failed.")));
  const broken = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode("half"));
      controller.error(new Error("It failed."));
    },
  });
  await results.set("other", result("", { value: broken }));
  expect(await results.get("one", [])).toBeUndefined();
  expect(await results.get("other", [])).toBeUndefined();
  expect(await listAll(rest.server.kv("test"))).toEqual([]);
});

test("it is gone when it expires, though KV keeps it for a minute", async () => {
  const { results } = open();
  await results.set("key", result("hello", { expire: 10 }));
  expect(await results.get("key", [])).toBeDefined();
  advance(10_001);
  expect(await results.get("key", [])).toBeUndefined();
});

test("tags: expired is gone, stale is served and made anew, soft tags count as well", async () => {
  const { results } = open();
  await results.set("key", result("hello", { tags: ["a"] }));
  expect(await results.getExpiration()).toBe(Number.POSITIVE_INFINITY);
  advance(2_000);
  await results.updateTags(["a"], { expire: 3600 });
  expect((await results.get("key", []))!.revalidate).toBe(-1);
  await results.updateTags(["a"]);
  expect(await results.get("key", [])).toBeUndefined();

  await results.set("other", result("hello"));
  expect(await results.get("other", ["_N_T_/page"])).toBeDefined();
  advance(2_000);
  await results.updateTags(["_N_T_/page"]);
  expect(await results.get("other", ["_N_T_/page"])).toBeUndefined();
  expect(await results.get("other", ["_N_T_/another"])).toBeDefined();
});

test("what is invalidated while it is made is not stored: its moment says when that began", async () => {
  const { results } = open();
  expect(await results.get("key", [])).toBeUndefined();
  const begun = performance.timeOrigin + performance.now();
  advance(5_000);
  await results.updateTags(["a"]);
  advance(5_000);
  await results.set("key", result("of old data", { tags: ["a"], timestamp: begun }));
  expect(await results.get("key", [])).toBeUndefined();
  await results.set(
    "key",
    result("of new data", { tags: ["a"], timestamp: performance.timeOrigin + performance.now() }),
  );
  expect(await textOf(await results.get("key", []))).toBe("of new data");
});

test("one invalidation reaches both handlers", async () => {
  const { results, responses } = open();
  await results.set("key", result("hello", { tags: ["a"] }));
  advance(1);
  await responses.revalidateTag("a");
  expect(await results.get("key", [])).toBeUndefined();
});

test("the entry and all tags are one request", async () => {
  await open().results.set("key", result("hello", { tags: ["a", "b"] }));
  await stored(1);
  const other = open();
  rest.server.requests.reset();
  await other.results.get("key", ["_N_T_/layout", "_N_T_/page"]);
  // Its own tags are known with it.
  expect(rest.server.requests.byRoute).toEqual({ "POST /:namespace/bulk/get": 2 });
  await other.results.get("key", ["_N_T_/layout", "_N_T_/page"]);
  expect(rest.server.requests.total).toBe(2);
});

test("what cannot be stored fails nobody", async () => {
  const { results } = open();
  const report = vi.spyOn(console, "error").mockImplementation(() => {});
  await results.set("key", result("hello", { tags: undefined as never }));
  expect(await results.get("key", [])).toBeUndefined();
  expect(report.mock.calls.flat()).toEqual([expect.stringContaining("cannot be stored")]);
  report.mockRestore();
});
