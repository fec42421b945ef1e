import { getEventListeners } from "node:events";
import { createClient, createKV, KVError, type KV, type KVClientOptions } from "@kvplug/core";
import type { Milliseconds } from "@kvplug/core/seam";
import { describe, expect, test } from "vitest";
import { onArrival } from "../support/arrivals.ts";
import { bytesOf } from "../support/bytes.ts";
import { useVirtualTime } from "../support/clock.ts";
import { collect } from "../support/collect.ts";
import { errorOf } from "../support/errors.ts";
import { eventually } from "../support/eventually.ts";
import { accountOf, startRest, useRest } from "../support/rest.ts";
import { SILENCE, withAnswers } from "../support/scripted-api.ts";
import { manyTurns } from "../support/turns.ts";
import { VirtualTime } from "../support/virtual-time.ts";
import { refusal } from "../support/wire.ts";

const TRANSPORTS: [name: string, options: KVClientOptions][] = [
  ["undici", {}],
  ["fetch", { fetch }],
];

describe.for(TRANSPORTS)("timeouts over %s", ([name, options]) => {
  const time = useVirtualTime();
  /** undici looks about once a second. */
  const late = (limit: Milliseconds): Milliseconds => limit + (name === "undici" ? 1500 : 0);

  test("an attempt that is not answered in time", async () => {
    const requests = await withAnswers(
      [SILENCE, SILENCE],
      async (kv, api) => {
        const outcome = errorOf(kv.get("a"));
        for (const attempt of [1, 2]) {
          await time.until(eventually(() => expect(api.requests).toBe(attempt)));
          time.advance(59);
          await manyTurns();
          expect(api.requests).toBe(attempt);
          time.advance(late(60) - 59);
        }
        expect(await outcome).toMatchObject({ code: "KV_TIMEOUT", key: "a", method: "GET" });
      },
      { ...options, timeout: 60, retry: { attempts: 2, minDelay: 1 } },
    );
    expect(requests).toBe(2);
  });

  test("a deadline ends the attempts", async () => {
    const { kv, server, close } = await startRest(
      { faults: { errors: 1 } },
      { ...options, deadline: 300, retry: { attempts: 1000, minDelay: 20, maxDelay: 20 } },
    );
    const error = await time.until(errorOf(kv.get("a")));
    const { total } = server.requests;
    await close();
    expect(error).toMatchObject({ code: "KV_TIMEOUT", key: "a" });
    // The last attempt failed, or had no time left for an answer.
    expect(error.cause).toBeInstanceOf(KVError);
    expect(total).toBeGreaterThan(3);
    expect(time.now).toBeLessThanOrEqual(300);
    expect(time.now).toBeGreaterThan(260);
  });

  test("a deadline shorter than the timeout", async () => {
    const { kv, close } = await startRest({}, { ...options, deadline: 5000 });
    await kv.put("a", "1");
    expect(await kv.get("a")).toBe("1");
    await close();
  });

  test("an attempt may not outlast the deadline", async () => {
    await withAnswers(
      [SILENCE],
      async (kv, api) => {
        const outcome = errorOf(kv.get("a"));
        await eventually(() => expect(api.requests).toBe(1));
        time.advance(60);
        expect(await outcome).toMatchObject({ code: "KV_TIMEOUT" });
      },
      { ...options, deadline: 60 },
    );
  });

  test("who reads slowly is not the one who is silent", async () => {
    const { kv, server, close } = await startRest({}, { ...options, timeout: 700 });
    await server.kv("test").put("a", new Uint8Array(8 * 1024 * 1024).fill(7));
    const reader = (await kv.get("a", "stream"))!.getReader();
    let bytes = (await reader.read()).value.byteLength as number;
    // What the buffers take has come.
    await manyTurns();
    time.advance(late(1000));
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
        // It has gone out.
        await manyTurns();
        time.advance(500);
      }
    };
    await kv.put("a", ReadableStream.from(slow()));
    expect((await kv.get("a", "arrayBuffer"))!.byteLength).toBe(600_000);
    await close();
  });
});

describe.for(TRANSPORTS)("signals over %s", ([, options]) => {
  const rest = useRest({}, options);
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
      onArrival(() => controller.abort(reason));
      expect(await errorOf(call(rest.kv, { signal: controller.signal }))).toBe(reason);
      await eventually(() => expect(rest.server.requests.total).toBe(1));
    });

    test("not aborted: no listener stays", async () => {
      const { signal } = new AbortController();
      const result = await call(rest.kv, { signal });
      if (result instanceof ReadableStream) await bytesOf(result);
      await eventually(() => expect(getEventListeners(signal, "abort")).toEqual([]));
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
        await new Promise((resolve) => setImmediate(resolve));
      },
      cancel() {
        cancelled = true;
      },
    });
    const outcome = errorOf(rest.kv.put("a", endless, { signal: controller.signal }));
    await eventually(() => expect(rest.server.requests.total).toBe(1));
    controller.abort(reason);
    expect(await outcome).toBe(reason);
    await eventually(() => expect(cancelled).toBe(true));
    expect(await rest.kv.get("a")).toBeNull();
  });
});

describe("a signal ends waits", () => {
  test("before the next attempt", async () => {
    const { kv, close } = await startRest(
      { faults: { errors: 1 } },
      { retry: { minDelay: 3_600_000, maxDelay: 3_600_000 }, deadline: Infinity },
    );
    const controller = new AbortController();
    const reason = new Error("no longer wanted");
    const outcome = errorOf(kv.get("a", { signal: controller.signal }));
    await eventually(() => expect(kv.stats().bytesReceived).toBeGreaterThan(0));
    await manyTurns();
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
    await eventually(() => expect(kv.stats().waits).toBe(1));
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

test("a caller that waits for longer gets another attempt, though one that came after it has left", async () => {
  using time = new VirtualTime();
  let requests = 0;
  const api: typeof fetch = async () => {
    requests++;
    if (requests > 1) return new Response("1");
    await new Promise<void>((resolve) => time.at(time.now + 100, resolve));
    return refusal(500, 10_001);
  };
  const retry = { minDelay: 1, maxDelay: 1 };
  const kv = createKV({ accountId: "a", apiToken: "t", namespaceId: "n", retry, fetch: api });
  let calls: Promise<PromiseSettledResult<string | null>[]> | undefined;
  time.at(0, () => {
    calls = Promise.allSettled([kv.get("a"), kv.get("a", { deadline: 30 })]);
  });
  await time.run();
  expect(await calls).toMatchObject([{ value: "1" }, { reason: { code: "KV_TIMEOUT" } }]);
  expect(requests).toBe(2);
});
