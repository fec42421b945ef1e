import { tracingChannel } from "node:diagnostics_channel";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createKV, TRACING_CHANNEL, type KVRequestEvent } from "@kvplug/core";
import { describe, expect, test } from "vitest";
import { errorOf } from "../support/errors.ts";
import { eventually } from "../support/eventually.ts";
import { accountOf, useRest } from "../support/rest.ts";
import { envelope, withAnswers } from "../support/scripted-api.ts";
import { VirtualTime } from "../support/virtual-time.ts";

describe("what ends early", () => {
  const rest = useRest();
  const reason = new Error("no longer wanted");
  const open = (options: Parameters<typeof createKV>[0] = {}): ReturnType<typeof createKV> =>
    createKV({ ...accountOf(rest.server), namespaceId: rest.server.namespaces[0]!.id, ...options });

  test("a call that is aborted at once is not sent", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    await using unshared = open({ batch: false });
    const calls = [rest.kv.list({ signal }), rest.kv.keys({ signal }).next(), unshared.get("a", { signal })].map(
      errorOf,
    );
    controller.abort(reason);
    expect(await Promise.all(calls)).toEqual([reason, reason, reason]);
    await rest.kv.get("a");
    expect(rest.server.requests.total).toBe(1);
  });

  test("20,000 readers of one key are all answered by one request", async () => {
    await rest.server.kv("test").put("a", "1");
    const values = await Promise.all(Array.from({ length: 20_000 }, () => rest.kv.get("a")));
    expect(values.every((value) => value === "1")).toBe(true);
    expect(rest.server.requests.total).toBe(1);
  });

  test("a stream for which there is no connection ends by its signal and by its deadline", async () => {
    using time = new VirtualTime();
    const kv = open({ connections: 1 });
    await rest.server.kv("test").put("big", "x".repeat(4 * 1024 * 1024));
    const unread = (await kv.get("big", "stream"))!;
    const controller = new AbortController();
    const left = errorOf(kv.get("a", { type: "stream", signal: controller.signal }));
    const late = errorOf(kv.get("a", { type: "stream", deadline: 100 }));
    let cancelled: unknown;
    const source = new ReadableStream({ cancel: (why) => void (cancelled = why) });
    const put = errorOf(kv.put("b", source, { signal: controller.signal }));
    await eventually(() => expect(kv.stats().requests).toBe(4));
    controller.abort(reason);
    expect([await left, await put]).toEqual([reason, reason]);
    time.advance(100);
    expect(await late).toMatchObject({ code: "KV_TIMEOUT" });
    expect(cancelled).toMatchObject({ name: "AbortError" });
    await unread.cancel();
    await kv.close();
  });

  test("streams that nobody reads hold up other streams, and no other reads", async () => {
    const kv = open({ connections: 2 });
    await rest.server.kv("test").put("big", "x".repeat(4 * 1024 * 1024));
    const unread = [await kv.get("big", "stream"), await kv.get("big", "stream")];
    expect((await kv.get("big"))!.length).toBe(4 * 1024 * 1024);
    const late = await errorOf(kv.get("big", { type: "stream", deadline: 50 }));
    expect(late).toMatchObject({ code: "KV_TIMEOUT", key: "big" });
    expect(late.message).toContain("2 unfinished streams");
    await kv.close();
    for (const stream of unread) {
      expect(await errorOf(stream!.getReader().read())).toMatchObject({ code: "KV_CLOSED" });
    }
  });

  test("close() sits out no window, of calls of many keys either", async () => {
    const kv = open({ batch: { window: 60_000 } });
    const calls = Promise.all([kv.get(["a", "b"]), kv.putMany([{ key: "c", value: "3" }]), kv.deleteMany(["d"])]);
    await kv.close();
    await calls;
    expect(await rest.server.kv("test").get("c")).toBe("3");
  });

  test("a fetch that heeds no signal is left at the deadline", async () => {
    using time = new VirtualTime();
    const kv = open({ fetch: () => new Promise(() => {}), deadline: 100, retry: false });
    const calls = [kv.get("a"), kv.list(), kv.put("a", "1"), kv.get("b", "stream")].map(errorOf);
    await eventually(() => expect(kv.stats().requests).toBe(4));
    time.advance(100);
    for (const error of await Promise.all(calls)) expect(error).toMatchObject({ code: "KV_TIMEOUT" });
    await kv.close();
  });

  test("nothing of an answer that was refused is handed out", async () => {
    const answers = [envelope({ values: { a: "old", b: 5 } }), envelope({ values: { a: null, b: "new" } })];
    await withAnswers(answers, async (kv) => {
      expect([...(await kv.get(["a", "b"])).values()]).toEqual([null, "new"]);
    });
  });

  test("an attempt whose body breaks off tells its status", async () => {
    const server = createServer((_, response) => {
      response.writeHead(200, { "content-length": "10" });
      response.write("abc", () => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const seen: KVRequestEvent[] = [];
    const onError = (event: unknown): void => void seen.push(event as KVRequestEvent);
    tracingChannel(TRACING_CHANNEL).error.subscribe(onError);
    for (const transport of [{}, { fetch }]) {
      const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      await using kv = open({ baseURL, retry: false, ...transport });
      expect(await errorOf(kv.get("a"))).toMatchObject({ code: "KV_NETWORK" });
    }
    tracingChannel(TRACING_CHANNEL).error.unsubscribe(onError);
    server.close();
    expect(seen.map(({ status }) => status)).toEqual([200, 200]);
  });
});
