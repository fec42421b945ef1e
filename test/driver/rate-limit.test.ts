import { createClient, KVRateLimitError } from "@kvplug/core";
import { describe, test } from "vitest";
import { streamOf } from "../support/bytes.ts";
import { errorOf } from "../support/errors.ts";
import { accountOf, startRest, TOKEN } from "../support/rest.ts";

describe.concurrent("the rate limit of the API", () => {
  test("is waited for, as long as Retry-After says", async ({ expect }) => {
    const { kv, server, close } = await startRest({ rateLimit: { requests: 3, window: 1000 } });
    const start = performance.now();
    for (let i = 0; i < 5; i++) await kv.put(`key ${i}`, "1");
    expect(performance.now() - start).toBeGreaterThan(950);
    // The fourth was refused once.
    expect(server.requests.total).toBe(6);
    await close();
  });

  test("is no failure that counts against `attempts`", async ({ expect }) => {
    // With this seed the second request that is let through fails, and no other.
    const { kv, server, close } = await startRest(
      { rateLimit: { requests: 1, window: 1000 }, faults: { errors: 0.3 }, seed: 6 },
      { retry: { attempts: 2, minDelay: 1 } },
    );
    await kv.put("a", "1");
    expect(await kv.get("a")).toBe("1");
    // One, then refused, failed, refused, answered.
    expect(server.requests.total).toBe(5);
    await close();
  });

  test("beyond the deadline it is told at once, with the time to wait", async ({ expect }) => {
    const { kv, client, server, close } = await startRest(
      { rateLimit: { requests: 1, window: 60_000 } },
      { deadline: 30_000 },
    );
    await kv.get("a");
    const start = performance.now();
    const error = await errorOf(kv.get("a"));
    expect(performance.now() - start).toBeLessThan(5000);
    expect(error).toBeInstanceOf(KVRateLimitError);
    expect(error).toMatchObject({
      code: "KV_RATE_LIMIT",
      status: 429,
      retryAfter: 60,
      key: "a",
      errors: [{ code: 971 }],
    });
    expect(await errorOf(client.namespaces.create("new"))).toMatchObject({ code: "KV_RATE_LIMIT" });
    expect(await errorOf(kv.put("a", streamOf(Uint8Array.of(1))))).toMatchObject({ code: "KV_RATE_LIMIT" });
    expect(await errorOf(kv.putMany([{ key: "a", value: "1" }]))).toMatchObject({ code: "KV_RATE_LIMIT" });
    expect(server.requests.total).toBe(5);
    await close();
  });

  test("without `retry` it is told at once", async ({ expect }) => {
    const { kv, server, close } = await startRest({ rateLimit: { requests: 1, window: 1000 } }, { retry: false });
    await kv.get("a");
    expect(await errorOf(kv.get("a"))).toMatchObject({ code: "KV_RATE_LIMIT", retryAfter: 1 });
    expect(server.requests.total).toBe(2);
    await close();
  });

  test("the creation of a namespace waits as well: it was refused, so it did not happen", async ({ expect }) => {
    const { client, server, close } = await startRest({ rateLimit: { requests: 1, window: 1000 } });
    await client.namespaces.create("first");
    expect(await client.namespaces.create("second")).toMatchObject({ title: "second" });
    expect(server.requests.byRoute).toEqual({ "POST /": 3 });
    await close();
  });

  test("one write a second per key: a second one waits, another key does not", async ({ expect }) => {
    const { kv, server, close } = await startRest({ writeLimit: true });
    await kv.put("a", "1");
    await kv.put("b", "1");
    expect(server.requests.total).toBe(2);
    await kv.put("a", "2");
    expect(await kv.get("a")).toBe("2");
    expect(server.requests.total).toBeGreaterThanOrEqual(5);
    await close();
  });

  test("the token is not in the error", async ({ expect }) => {
    const { server, close } = await startRest({ rateLimit: { requests: 1, window: 60_000 } });
    await using client = createClient({ ...accountOf(server), retry: false });
    await client.kv(server.namespaces[0]!.id).get("a");
    const error = await errorOf(client.kv(server.namespaces[0]!.id).get("a"));
    expect(`${error.stack}${JSON.stringify(error)}`).not.toContain(TOKEN);
    await close();
  });
});
