import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createClient, createKV } from "@kvplug/core";
import { Agent, fetch as undiciFetch } from "undici";
import { describe, expect, test } from "vitest";
import { bytesOf } from "../support/bytes.ts";
import { errorOf } from "../support/errors.ts";
import { accountOf, startRest, useRest } from "../support/rest.ts";

describe("how requests travel", () => {
  const rest = useRest({ latency: 2 });
  const options = (): Parameters<typeof createKV>[0] => ({
    ...accountOf(rest.server),
    namespaceId: rest.server.namespaces[0]!.id,
  });

  /** How many connections undici opens meanwhile. */
  async function connectionsOf(work: () => Promise<unknown>): Promise<number> {
    let count = 0;
    const onConnected = (): void => void count++;
    subscribe("undici:client:connected", onConnected);
    await work();
    unsubscribe("undici:client:connected", onConnected);
    return count;
  }

  test("a connection is used again", async () => {
    await using kv = createKV(options());
    const opened = await connectionsOf(async () => {
      for (let i = 0; i < 20; i++) await kv.put(`key ${i}`, "1");
    });
    // The pool may open another one when the first has not quite finished, or was idle for seconds on a slow machine.
    expect(opened).toBeLessThan(10);
  });

  test("calls one after the other wait for no second connection", async () => {
    let connections = 0;
    // One that is idle stays open, however slow the machine is.
    const server = createServer({ keepAliveTimeout: 0 }, (_, response) => response.end("1"));
    server.on("connection", () => connections++);
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    const kv = createKV({ ...options(), baseURL: `http://127.0.0.1:${port}/client/v4` });
    for (let i = 0; i < 5; i++) expect(await kv.get("a")).toBe("1");
    expect(connections).toBe(1);
    await kv.close();
    await once(server.close(), "close");
  });

  test("no more connections than allowed", async () => {
    await using kv = createKV({ ...options(), connections: 3 });
    const opened = await connectionsOf(() =>
      Promise.all(Array.from({ length: 30 }, (_, i) => kv.getMetadata(`key ${i}`))),
    );
    expect(opened).toBe(3);
    expect(rest.server.requests.total).toBe(30);
  });

  test("a dispatcher of the caller's carries all requests, and stays open", async () => {
    let requests = 0;
    const agent = new Agent();
    const dispatcher = agent.compose((dispatch) => (request, handler) => {
      requests++;
      return dispatch(request, handler);
    });
    const kv = createKV({ ...options(), dispatcher });
    await kv.put("a", "1", { metadata: 1 });
    expect(await kv.get("a")).toBe("1");
    expect(requests).toBe(2);
    await kv.close();
    expect(agent.closed).toBe(false);
    await agent.close();
  });

  test("a fetch of the caller's carries all requests, and keeps the token to itself", async () => {
    const seen: string[] = [];
    const own: typeof fetch = (url, init) => {
      seen.push(`${init?.method} ${(url as string).replace(rest.server.url, "")}`);
      return fetch(url, init);
    };
    await using kv = createKV({ ...options(), fetch: own });
    await kv.put("a b", "1", { metadata: 1 });
    expect(await kv.getWithMetadata("a b")).toMatchObject({ value: "1", metadata: 1 });
    const path = `/accounts/local/storage/kv/namespaces/${rest.server.namespaces[0]!.id}`;
    expect(seen).toEqual([`PUT ${path}/values/a%20b`, `POST ${path}/bulk/get`]);
  });

  test("why nobody answered is told, also by a fetch, and where several addresses were tried", async () => {
    const { server, close } = await startRest();
    await close();
    const { port } = new URL(server.url);
    const addresses = ["127.0.0.1", "127.0.0.2"].map((address) => ({ address, family: 4 }));
    const agent = new Agent({ connect: { lookup: (_host, _options, done) => done(null, addresses) } });
    const overAgent = ((url: string, init: object) => undiciFetch(url, { ...init, dispatcher: agent })) as typeof fetch;
    for (const transport of [{ dispatcher: agent }, { fetch: overAgent }]) {
      const baseURL = `http://kv.example:${port}/client/v4`;
      await using kv = createKV({ ...options(), baseURL, retry: { attempts: 1 }, ...transport });
      const { code, message } = await errorOf(kv.get("a"));
      expect(code).toBe("KV_NETWORK");
      const each = addresses.map(({ address }) => `connect ECONNREFUSED ${address}:${port}`);
      expect(message).toContain(`got no answer: ${each.join(", ")}`);
    }
    await agent.close();
  });

  test("a buffer may be used again as soon as put returns its promise", async () => {
    for (const transport of [{}, { fetch }]) {
      await using kv = createKV({ ...options(), ...transport });
      const values = {
        bytes: new Uint8Array(1000).fill(1),
        buffer: Buffer.alloc(1000, 1),
        words: new Uint16Array(500).fill(257),
      };
      for (const [key, value] of Object.entries(values)) {
        const written = kv.put(key, value);
        const labelled = kv.put(`labelled ${key}`, value, { metadata: 1 });
        const bulk = kv.putMany([{ key: `bulk ${key}`, value }]);
        value.fill(0);
        await Promise.all([written, labelled, bulk]);
        for (const name of [key, `labelled ${key}`, `bulk ${key}`]) {
          const stored = new Uint8Array((await kv.get(name, "arrayBuffer"))!);
          expect(stored.every((byte) => byte === 1)).toBe(true);
        }
      }
    }
  });
});

describe("close", () => {
  test("refuses what comes later, and is fine twice", async () => {
    const { kv, client, server, close } = await startRest();
    await kv.put("a", "1");
    await kv.close();
    await kv.close();
    expect(await errorOf(kv.get("a"))).toMatchObject({ code: "KV_CLOSED" });
    expect(await errorOf(kv.putMany([{ key: "a", value: "1" }]))).toMatchObject({ code: "KV_CLOSED" });

    const shared = client.kv(server.namespaces[0]!.id);
    await shared.close();
    expect(await client.kv(server.namespaces[0]!.id).get("a")).toBe("1");
    await client.close();
    expect(await errorOf(shared.get("a"))).toMatchObject({ code: "KV_CLOSED" });
    expect(await errorOf(client.namespaces.find("test"))).toMatchObject({ code: "KV_CLOSED" });
    await close();
  });

  test.for([
    ["undici", {}],
    ["fetch", { fetch }],
  ] as const)("lets finish what is under way, over %s", async ([, transport]) => {
    const { kv, close } = await startRest({ latency: 5 }, transport);
    const written = kv.put("a", "1");
    await kv.close();
    await written;
    await close();
  });

  test.for([
    ["before anything is read of it", 0],
    ["in its midst", 1],
  ] as const)("does not wait for a stream that was cancelled %s", async ([, reads]) => {
    const { kv, close } = await startRest();
    await kv.put("a", new Uint8Array(8 * 1024 * 1024));
    const reader = (await kv.get("a", "stream"))!.getReader();
    for (let i = 0; i < reads; i++) await reader.read();
    await reader.cancel();
    await kv.close();
    await close();
  });

  test("waits for a stream that is being read", async () => {
    const { kv, close } = await startRest();
    await kv.put("a", new Uint8Array(8 * 1024 * 1024));
    const stream = (await kv.get("a", "stream"))!;
    const [bytes] = await Promise.all([bytesOf(stream), kv.close()]);
    expect(bytes.byteLength).toBe(8 * 1024 * 1024);
    await close();
  });

  test("await using", async () => {
    const { server, close } = await startRest();
    const client = createClient(accountOf(server));
    {
      await using disposed = client;
      await disposed.namespaces.find("test");
    }
    expect(await errorOf(client.namespaces.find("test"))).toMatchObject({ code: "KV_CLOSED" });
    await close();
  });
});
