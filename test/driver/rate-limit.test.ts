import { createClient, KVRateLimitError } from "@kvplug/core";
import { formatLimits, LIMITS_HEADER } from "@kvplug/core/seam";
import { describe, expect, test } from "vitest";
import { streamOf } from "../support/bytes.ts";
import { useVirtualTime } from "../support/clock.ts";
import { errorOf } from "../support/errors.ts";
import { accountOf, startRest as start, TOKEN, type RestSetup } from "../support/rest.ts";
import { Wire } from "../support/wire.ts";

describe("the rate limit of the API", () => {
  const time = useVirtualTime();

  const startRest: typeof start = (server, client): Promise<RestSetup> =>
    start({ now: () => Date.now(), ...server }, client);

  /** Calls one after the other, for as long as it takes. */
  const oneByOne = (count: number, call: (i: number) => Promise<unknown>): Promise<void> =>
    time.until(
      (async () => {
        for (let i = 0; i < count; i++) await call(i);
      })(),
    );

  test("is told by the headers of the first answer, and none is refused after that", async () => {
    const { kv, server, close } = await startRest({ rateLimit: { requests: 3, window: 1000 } });
    await oneByOne(7, (i) => kv.put(`key ${i}`, "1"));
    expect(time.now).toBeGreaterThanOrEqual(2000);
    expect(time.now).toBeLessThan(3000);
    expect(server.requests.total).toBe(7);
    expect(kv.stats().rateLimited).toBe(0);
    await close();
  });

  test("without a budget, a 429 is waited for, as long as Retry-After says", async () => {
    const { kv, server, close } = await startRest({ rateLimit: { requests: 3, window: 1000 } }, { rateLimit: false });
    await oneByOne(5, (i) => kv.put(`key ${i}`, "1"));
    expect(time.now).toBe(1000);
    // The fourth was refused once.
    expect(server.requests.total).toBe(6);
    await close();
  });

  test("of two refusals at once, the one that says to wait for longer counts", async () => {
    const wire = new Wire();
    const waits = ["5", "1"];
    wire.instead = () => {
      const wait = waits.shift();
      return wait === undefined ? undefined : new Response(null, { status: 429, headers: { "retry-after": wait } });
    };
    const { kv, close } = await startRest({}, { rateLimit: false, fetch: wire.fetch });
    await time.until(Promise.all([kv.getMetadata("a"), kv.getMetadata("b")]));
    expect(time.now).toBe(5000);
    await close();
  });

  test("what others spend is seen in the headers", async () => {
    const { kv, client, server, close } = await startRest({ rateLimit: { requests: 8, window: 2000 } });
    await kv.get("a");
    for (let i = 0; i < 4; i++) await client.namespaces.find("test");
    // This client has spent two now, and the other one four.
    await kv.get("a");
    await time.until(Promise.all(Array.from({ length: 6 }, (_, i) => kv.getMetadata(`key ${i}`))));
    expect(kv.stats().rateLimited).toBe(0);
    expect(server.requests.total).toBe(12);
    await close();
  });

  test("a batch that waits for a demand goes when the demand is over, and not an hour later", async () => {
    const { kv, server, close } = await startRest({}, { rateLimit: { requests: 3, window: 3_600_000 } });
    await kv.get("a");
    await time.until(kv.put("b", "1"));
    expect(time.now).toBeLessThan(10_000);
    expect(server.requests.total).toBe(2);
    await close();
  });

  test("what is left is told, and when the next request may go", async () => {
    const { client, server, close } = await startRest({ rateLimit: { requests: 3, window: 5000 } });
    const kv = client.kv(server.namespaces[0]!.id);
    expect(client.budget()).toBeUndefined();
    await kv.getMetadata("a");
    expect(client.budget()).toEqual({ requests: 3, window: 5000, left: 2, opensIn: 0 });
    await kv.getMetadata("a");
    await kv.getMetadata("a");
    expect(client.budget()).toEqual({ requests: 3, window: 5000, left: 0, opensIn: 5000 });
    time.advance(1500);
    expect(client.budget()).toMatchObject({ left: 0, opensIn: 3500 });
    await close();
  });

  test("the wait for the next request is exact to the millisecond, whatever the time is", async () => {
    const { client, server, close } = await startRest({ rateLimit: { requests: 1, window: 5000 } });
    const kv = client.kv(server.namespaces[0]!.id);
    const told = new Set<number>();
    for (let i = 0; i < 50; i++) {
      time.advance(5000 + i * 0.1);
      await kv.getMetadata("a");
      told.add(client.budget()!.opensIn);
    }
    expect([...told]).toEqual([5000]);
    await close();
  });

  test("what is left is nothing while the API refuses", async () => {
    const { client, server, close } = await startRest(
      { rateLimit: { requests: 1, window: 5000 } },
      { rateLimit: { requests: 100, window: 5000 }, deadline: 1000 },
    );
    const kv = client.kv(server.namespaces[0]!.id);
    await kv.put("a", "1");
    const spent = accountOf(server);
    await fetch(`${spent.baseURL}/accounts/${spent.accountId}/storage/kv/namespaces`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    await time.until(errorOf(kv.get("a")));
    expect(client.budget()).toMatchObject({ left: 0, opensIn: 4000 });
    await close();
  });

  test("a limit of the caller's own is kept where the API's is higher", async () => {
    const { kv, close } = await startRest(
      { rateLimit: { requests: 100, window: 1000 } },
      { rateLimit: { requests: 2, window: 500 } },
    );
    await oneByOne(5, () => kv.getMetadata("a"));
    expect(time.now).toBe(1000);
    await close();
  });

  test("is no failure that counts against `attempts`", async () => {
    // With this seed the second request that is let through fails, and no other.
    const { kv, server, close } = await startRest(
      { rateLimit: { requests: 1, window: 1000 }, faults: { errors: 0.3 }, seed: 6 },
      { rateLimit: false, retry: { attempts: 2, minDelay: 1 } },
    );
    await kv.put("a", "1");
    expect(await time.until(kv.get("a"))).toBe("1");
    // One, then refused, failed, refused, answered.
    expect(server.requests.total).toBe(5);
    await close();
  });

  test.for([
    ["that is known", {}, 1],
    ["that is met", { rateLimit: false }, 2],
  ] as const)("past the deadline a limit %s is told, with the time to wait", async ([, options, sent]) => {
    const { kv, server, close } = await startRest(
      { rateLimit: { requests: 1, window: 60_000 } },
      { ...options, deadline: 200 },
    );
    await kv.get("a");
    const error = await time.until(errorOf(kv.get("a")));
    expect(error).toBeInstanceOf(KVRateLimitError);
    expect(error).toMatchObject({ code: "KV_RATE_LIMIT" });
    expect(time.now).toBe(200);
    expect((error as unknown as KVRateLimitError).retryAfter).toBe(60);
    const others = [
      kv.list(),
      kv.put("a", streamOf(Uint8Array.of(1))),
      kv.putMany([{ key: "a", value: "1" }]),
      kv.get(["a", "b"]),
    ].map(errorOf);
    for (const refused of await time.until(Promise.all(others))) {
      expect(refused).toMatchObject({ code: "KV_RATE_LIMIT" });
    }
    expect(server.requests.total).toBe(sent);
    await close();
  });

  test("without budget and `retry` it is told at once", async () => {
    const { kv, server, close } = await startRest(
      { rateLimit: { requests: 1, window: 1000 } },
      { rateLimit: false, retry: false },
    );
    await kv.get("a");
    expect(await errorOf(kv.get("a"))).toMatchObject({
      code: "KV_RATE_LIMIT",
      httpStatus: 429,
      retryAfter: 1,
      errors: [{ code: 971 }],
    });
    expect(server.requests.total).toBe(2);
    await close();
  });

  test("that a gateway tells is kept there, and not here as well", async () => {
    const wire = new Wire();
    const limits = formatLimits({ bulkKeys: 100, bulkBytes: 1_000_000, writeInterval: 0 });
    const spent = { "ratelimit-policy": '"default";q=1;w=60', ratelimit: '"default";r=0;t=60' };
    wire.instead = () => new Response("1", { headers: { ...spent, [LIMITS_HEADER]: limits } });
    const { kv, client, close } = await startRest({}, { fetch: wire.fetch });
    await kv.get("a");
    expect(await time.until(kv.get("a"))).toBe("1");
    expect(time.now).toBe(0);
    expect(client.budget()).toBeUndefined();
    await close();
  });

  test("the creation of a namespace waits as well: it was refused, so it did not happen", async () => {
    const { client, server, close } = await startRest(
      { rateLimit: { requests: 1, window: 1000 } },
      { rateLimit: false },
    );
    await client.namespaces.create("first");
    expect(await time.until(client.namespaces.create("second"))).toMatchObject({ title: "second" });
    expect(time.now).toBe(1000);
    expect(server.requests.byRoute).toEqual({ "POST /": 3 });
    await close();
  });

  test("one write a second per key: a second one waits, another key does not", async () => {
    const { kv, server, close } = await startRest({ writeLimit: { burst: 1 } });
    await kv.put("a", "1");
    await kv.put("b", "1");
    expect(server.requests.total).toBe(2);
    await time.until(kv.put("a", "2"));
    expect(time.now).toBeGreaterThanOrEqual(1000);
    expect(time.now).toBeLessThan(1100);
    expect(await kv.get("a")).toBe("2");
    // Refused once, written a second later, read.
    expect(server.requests.total).toBe(5);
    await close();
  });

  test("the token is not in the error", async () => {
    const { server, close } = await startRest({ rateLimit: { requests: 1, window: 60_000 } });
    await using client = createClient({ ...accountOf(server), rateLimit: false, retry: false });
    await client.kv(server.namespaces[0]!.id).get("a");
    const error = await errorOf(client.kv(server.namespaces[0]!.id).get("a"));
    expect(`${error.stack}${JSON.stringify(error)}`).not.toContain(TOKEN);
    await close();
  });
});
