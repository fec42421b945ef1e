import { getEventListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient, KVError, type KV, type KVClientOptions } from "@kvplug/core";
import { describe, expect, test, vi } from "vitest";
import { bytesOf } from "../support/bytes.ts";
import { collect } from "../support/collect.ts";
import { errorOf } from "../support/errors.ts";
import { accountOf, startRest, useRest } from "../support/rest.ts";

const TRANSPORTS: [name: string, options: KVClientOptions][] = [
  ["undici", {}],
  ["fetch", { fetch }],
];

describe.for(TRANSPORTS)("timeouts over %s", { concurrent: true }, ([, options]) => {
  test("an attempt that is not answered in time", async () => {
    const { kv, server, close } = await startRest(
      { latency: 3000 },
      { ...options, timeout: 60, retry: { attempts: 2, minDelay: 1 } },
    );
    const error = await errorOf(kv.get("a"));
    expect(error).toMatchObject({ code: "KV_TIMEOUT", key: "a", method: "GET" });
    expect(server.requests.total).toBe(2);
    await close();
  });

  test("a deadline ends the attempts", async () => {
    const { kv, server, close } = await startRest(
      { faults: { errors: 1 } },
      { ...options, deadline: 1500, retry: { attempts: 1000, minDelay: 20, maxDelay: 20 } },
    );
    const error = await errorOf(kv.get("a"));
    const { total } = server.requests;
    await close();
    expect(error).toMatchObject({ code: "KV_TIMEOUT", key: "a" });
    // The last attempt failed, or had no time left for an answer.
    expect(error.cause).toBeInstanceOf(KVError);
    expect(total).toBeGreaterThan(3);
  });

  test("a deadline shorter than the timeout", async () => {
    const { kv, close } = await startRest({}, { ...options, deadline: 5000 });
    await kv.put("a", "1");
    expect(await kv.get("a")).toBe("1");
    await close();
  });

  test("an attempt may not outlast the deadline", async () => {
    const { kv, close } = await startRest({ latency: 3000 }, { ...options, deadline: 60 });
    expect(await errorOf(kv.get("a"))).toMatchObject({ code: "KV_TIMEOUT" });
    await close();
  });

  test("who reads slowly is not the one who is silent", async () => {
    const { kv, server, close } = await startRest({}, { ...options, timeout: 700 });
    await server.kv("test").put("a", new Uint8Array(8 * 1024 * 1024).fill(7));
    const reader = (await kv.get("a", "stream"))!.getReader();
    let bytes = (await reader.read()).value.byteLength as number;
    await sleep(1000);
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      bytes += value.byteLength;
    }
    expect(bytes).toBe(8 * 1024 * 1024);
    await close();
  });

  test("a stream that is written slowly, but goes on, is no silence", async () => {
    const { kv, close } = await startRest({}, { ...options, timeout: 700 });
    const slow = async function* (): AsyncGenerator<Uint8Array> {
      for (let i = 0; i < 6; i++) {
        yield new Uint8Array(100_000).fill(i);
        await sleep(200);
      }
    };
    await kv.put("a", ReadableStream.from(slow()));
    expect((await kv.get("a", "arrayBuffer"))!.byteLength).toBe(600_000);
    await close();
  });
});

describe.for(TRANSPORTS)("signals over %s", ([, options]) => {
  const rest = useRest({ latency: [5, 10] }, options);
  const CALLS: Record<string, (kv: KV, options: { signal: AbortSignal }) => Promise<unknown>> = {
    get: (kv, options) => kv.get("a", options),
    "get of a stream": (kv, options) => kv.get("a", { type: "stream", ...options }),
    "get(keys)": (kv, options) => kv.get(["a", "b"], options),
    getWithMetadata: (kv, options) => kv.getWithMetadata("a", options),
    getMetadata: (kv, options) => kv.getMetadata("a", options),
    put: (kv, options) => kv.put("a", "1", options),
    "put with metadata": (kv, options) => kv.put("a", "1", { metadata: 1, ...options }),
    delete: (kv, options) => kv.delete("a", options),
    list: (kv, options) => kv.list(options),
    putMany: (kv, options) => kv.putMany([{ key: "a", value: "1" }], options),
    deleteMany: (kv, options) => kv.deleteMany(["a"], options),
    keys: (kv, options) => collect(kv.keys(options)),
    entries: (kv, options) => collect(kv.entries(options)),
    clear: (kv, options) => kv.clear(options),
  };

  describe.for(Object.entries(CALLS))("%s", ([, call]) => {
    test("aborted before: nothing is sent", async () => {
      const reason = new Error("no longer wanted");
      await expect(call(rest.kv, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
      expect(rest.server.requests.total).toBe(0);
    });

    test("aborted while it is under way", async () => {
      const controller = new AbortController();
      const reason = new Error("no longer wanted");
      const outcome = errorOf(call(rest.kv, { signal: controller.signal }));
      await vi.waitFor(() => expect(rest.server.requests.total).toBe(1), { interval: 1 });
      controller.abort(reason);
      expect(await outcome).toBe(reason);
    });

    test("not aborted: no listener stays", async () => {
      const { signal } = new AbortController();
      const result = await call(rest.kv, { signal });
      if (result instanceof ReadableStream) await bytesOf(result);
      await vi.waitFor(() => expect(getEventListeners(signal, "abort")).toEqual([]), { interval: 1 });
    });
  });

  test("without a reason, it is the platform's AbortError", async () => {
    expect(await errorOf(rest.kv.get("a", { signal: AbortSignal.abort() }))).toMatchObject({ name: "AbortError" });
  });

  test("aborted in the midst of a stream", async () => {
    await rest.kv.put("a", new Uint8Array(8 * 1024 * 1024));
    const controller = new AbortController();
    const stream = (await rest.kv.get("a", { type: "stream", signal: controller.signal }))!;
    const reason = new Error("no longer wanted");
    controller.abort(reason);
    await expect(bytesOf(stream)).rejects.toBe(reason);
  });

  test("aborted in the midst of the caller's stream, which is told", async () => {
    const controller = new AbortController();
    const reason = new Error("no longer wanted");
    let cancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      async pull(stream) {
        stream.enqueue(new Uint8Array(1000));
        await sleep(1);
      },
      cancel() {
        cancelled = true;
      },
    });
    const outcome = errorOf(rest.kv.put("a", endless, { signal: controller.signal }));
    await vi.waitFor(() => expect(rest.server.requests.total).toBe(1), { interval: 1 });
    controller.abort(reason);
    expect(await outcome).toBe(reason);
    await vi.waitFor(() => expect(cancelled).toBe(true));
    expect(await rest.kv.get("a")).toBeNull();
  });
});

describe("a signal ends waits", () => {
  test("before the next attempt", async () => {
    const { kv, server, close } = await startRest(
      { faults: { errors: 1 } },
      { retry: { minDelay: 3_600_000, maxDelay: 3_600_000 }, deadline: Infinity },
    );
    const controller = new AbortController();
    const reason = new Error("no longer wanted");
    const outcome = errorOf(kv.get("a", { signal: controller.signal }));
    await vi.waitFor(() => expect(server.requests.total).toBe(1), { interval: 1 });
    controller.abort(reason);
    expect(await outcome).toBe(reason);
    await close();
  });

  test("for the end of a rate limit", async () => {
    const { kv, server, close } = await startRest(
      { rateLimit: { requests: 1, window: 3_600_000 } },
      { deadline: Infinity },
    );
    await kv.get("a");
    const controller = new AbortController();
    const reason = new Error("no longer wanted");
    const outcome = errorOf(kv.get("a", { signal: controller.signal }));
    await vi.waitFor(() => expect(kv.stats().waits).toBe(1), { interval: 1 });
    controller.abort(reason);
    expect(await outcome).toBe(reason);
    expect(server.requests.total).toBe(1);
    await close();
  });
});

describe("a client without a deadline and without a timeout", () => {
  const rest = useRest();

  test.for(TRANSPORTS)("over %s", async ([, options]) => {
    await using client = createClient({ ...accountOf(rest.server), ...options, timeout: Infinity, deadline: Infinity });
    expect(await client.kv(rest.server.namespaces[0]!.id).get("a")).toBeNull();
  });
});
