import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { createKV, MAX_VALUE_BYTES, type KV, type KVClientOptions } from "@kvplug/core";
import { Agent, interceptors } from "undici";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { bytesOf } from "../support/bytes.ts";
import { collect } from "../support/collect.ts";
import { errorOf } from "../support/errors.ts";
import { envelope, withAnswers, type Answer } from "../support/scripted-api.ts";

const MIB = 1024 * 1024;
const TRANSPORTS: [name: string, options: KVClientOptions][] = [
  ["undici", {}],
  ["fetch", { fetch }],
];

const READS: [name: string, read: (kv: KV) => Promise<unknown>][] = [
  ["text", (kv) => kv.get("a")],
  ["bytes", async (kv) => Buffer.from((await kv.get("a", "arrayBuffer"))!).toString()],
  ["a stream", async (kv) => Buffer.from(await bytesOf((await kv.get("a", "stream"))!)).toString()],
];

describe.for(TRANSPORTS)("answers over %s", ([name, transport]) => {
  const octets = { "content-type": "application/octet-stream" };
  const value = "a value that is worth some squeezing ".repeat(1_000);

  describe("that are encoded on the way", () => {
    test("are not asked for", async () => {
      const server = createServer((request, response) => response.end(request.headers["accept-encoding"]));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      await using kv = createKV({ baseURL, accountId: "a", namespaceId: "n", apiToken: "t", ...transport });
      for (const [, read] of READS) expect(await read(kv)).toBe("identity");
      server.close();
    });

    const encodings = [
      ["gzip", gzipSync],
      ["x-gzip", gzipSync],
      ["GZIP", gzipSync],
      ["deflate", deflateSync],
      ["br", brotliCompressSync],
      ["identity", (bytes: string) => bytes],
    ] as const;
    test.for(encodings)("%s is undone", async ([encoding, encode]) => {
      const headers = { ...octets, "content-encoding": encoding };
      for (const [, read] of READS) {
        await withAnswers(
          [{ headers, body: encode(value) }],
          async (kv) => {
            expect(await read(kv)).toBe(value);
          },
          transport,
        );
      }
      const found = envelope({ values: { a: value, b: null } });
      await withAnswers(
        [{ headers: { "content-encoding": encoding }, body: encode(found.body as string) }],
        async (kv) => {
          expect((await kv.get(["a", "b"])).get("a")).toBe(value);
        },
        transport,
      );
    });

    test("zstd is undone where that is certain, and refused elsewhere", async () => {
      const answer = { headers: { ...octets, "content-encoding": "zstd" }, body: zstdCompressSync(value) };
      for (const [, read] of READS) {
        await withAnswers(
          [answer],
          async (kv) => {
            if (name === "undici") expect(await read(kv)).toBe(value);
            else
              expect(await errorOf(read(kv))).toMatchObject({
                code: "KV_API",
                message: expect.stringContaining('"zstd"'),
              });
          },
          transport,
        );
      }
    });

    test.for(["compress", "gzip, br", "constructor"])("%s is refused by its name", async (encoding) => {
      const answer = { headers: { ...octets, "content-encoding": encoding }, body: value };
      for (const [, read] of READS) {
        const requests = await withAnswers(
          [answer],
          async (kv) => {
            const { code, message } = await errorOf(read(kv));
            expect([code, message]).toEqual(["KV_API", expect.stringContaining(JSON.stringify(encoding))]);
            expect(message).not.toContain("got no answer");
          },
          transport,
        );
        expect(requests).toBe(1);
      }
    });

    const spoilt: [name: string, spoil: (bytes: Buffer) => Buffer][] = [["none", () => Buffer.from(value)]];
    // fetch hands out what there is, as long as HTTP itself is in order.
    if (name === "undici") spoilt.push(["broken off", (bytes) => bytes.subarray(0, -9)]);
    test.for(spoilt)("gzip that is %s is no value", async ([, spoil]) => {
      const answer = { headers: { ...octets, "content-encoding": "gzip" }, body: spoil(gzipSync(value)) };
      for (const [, read] of READS) {
        await withAnswers(
          [answer],
          async (kv) => {
            expect(await errorOf(read(kv))).toMatchObject({ code: "KV_NETWORK" });
          },
          { ...transport, retry: false },
        );
      }
    });
  });

  describe("without an end", () => {
    const endless: Answer = { headers: octets, body: Buffer.alloc(MIB, "7"), endless: true };
    const limits: [name: string, call: (kv: KV) => Promise<unknown>, bytes: number][] = [
      ...READS.map(([what, read]): [string, typeof read, number] => [what, read, MAX_VALUE_BYTES + MIB]),
      ["metadata", (kv) => kv.getMetadata("a"), MIB],
      ["a write", (kv) => kv.delete("a"), MIB],
      ["names", (kv) => kv.list(), 10_520_576],
    ];
    test.for(limits)("of %s: no more is read than one may hold", async ([, call, bytes]) => {
      const requests = await withAnswers(
        [endless, endless],
        async (kv) => {
          const { code, message } = await errorOf(call(kv));
          expect([code, message]).toEqual(["KV_API", expect.stringContaining(`longer than ${bytes} bytes`)]);
        },
        transport,
      );
      expect(requests).toBe(1);
    });

    test("of many values: they are asked for by themselves", async () => {
      const alone: Answer = { headers: octets, body: "1" };
      const requests = await withAnswers(
        [endless, alone, alone],
        async (kv) => {
          expect([...(await kv.get(["a", "b"]))]).toEqual([
            ["a", "1"],
            ["b", "1"],
          ]);
        },
        transport,
      );
      expect(requests).toBe(3);
    });

    test("but for what it is encoded as", async () => {
      const bomb = { headers: { ...octets, "content-encoding": "gzip" }, body: gzipSync(Buffer.alloc(64 * MIB)) };
      for (const [, read] of READS) {
        await withAnswers(
          [bomb],
          async (kv) => {
            expect((await errorOf(read(kv))).message).toContain("longer than 27262976 bytes");
          },
          transport,
        );
      }
    });

    test("a value of 25 MiB is none", async () => {
      const answer = { headers: octets, body: Buffer.alloc(MAX_VALUE_BYTES) };
      await withAnswers(
        [answer, answer],
        async (kv) => {
          expect((await kv.get("a", "arrayBuffer"))!.byteLength).toBe(MAX_VALUE_BYTES);
          expect((await bytesOf((await kv.get("a", "stream"))!)).byteLength).toBe(MAX_VALUE_BYTES);
        },
        transport,
      );
    });
  });
});

describe("redirects", () => {
  const seen: IncomingMessage[] = [];
  const elsewhere = createServer((request, response) => {
    seen.push(request);
    response.end(envelope({}).body);
  });
  beforeAll(() => new Promise<void>((resolve) => void elsewhere.listen(0, "127.0.0.1", resolve)));
  afterEach(() => void seen.splice(0));
  afterAll(() => void elsewhere.close());

  const follows = new Agent().compose(interceptors.redirect({ maxRedirections: 5 }));
  afterAll(() => follows.close());

  const calls: [name: string, call: (kv: KV) => Promise<unknown>][] = [
    ...READS,
    ["a put", (kv) => kv.put("a", "x".repeat(2 * MIB))],
    ["a put of a stream", (kv) => kv.put("a", new Blob(["x"]).stream())],
    [
      "many puts",
      (kv) =>
        kv.putMany([
          { key: "a", value: "1" },
          { key: "b", value: "2" },
        ]),
    ],
    ["many keys", (kv) => kv.get(["a", "b"])],
    ["names", (kv) => collect(kv.keys())],
  ];
  describe.for<[string, KVClientOptions]>([...TRANSPORTS, ["a dispatcher that follows them", { dispatcher: follows }]])(
    "over %s",
    ([, transport]) => {
      test.for([301, 302, 303, 307, 308])("%i is not followed, and where it points to is told", async (status) => {
        const target = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/login/of/cloudflare`;
        const location = target.replace("//", "//user:secret@") + "?secret#secret";
        for (const [name, call] of calls) {
          const requests = await withAnswers(
            [{ status, headers: { location }, body: "" }],
            async (kv) => {
              const error = await errorOf(call(kv));
              expect(error.message, name).toContain(`answered with ${status}, a redirect to ${target},`);
              expect(error.message, name).not.toContain("secret");
            },
            { email: "e@example.com", apiKey: "k", ...transport },
          );
          expect(requests, name).toBe(1);
        }
        expect(seen).toEqual([]);
      });

      test("to a path without a host is told as it is", async () => {
        await withAnswers(
          [{ status: 302, headers: { location: "/login?secret" }, body: "" }],
          async (kv) => {
            expect((await errorOf(kv.get("a"))).message).toContain("a redirect to /login,");
          },
          transport,
        );
      });
    },
  );

  test("a fetch that follows them all the same is not believed", async () => {
    const obstinate: typeof fetch = (url, init) => fetch(url, { ...init, redirect: "follow" });
    const location = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`;
    await withAnswers(
      [{ status: 302, headers: { location }, body: "" }],
      async (kv) => {
        expect(await errorOf(kv.get("a"))).toMatchObject({
          code: "KV_API",
          message: expect.stringContaining("redirect"),
        });
      },
      { fetch: obstinate },
    );
    expect(seen).toHaveLength(1);
  });
});
