import { createKV, type KV, type KVCallOptions, type KVClientOptions } from "@kvplug/core";
import { Agent, fetch as undiciFetch } from "undici";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { trustedCertificate, type Certificate } from "../support/certificate.ts";
import { accountOf, useRest } from "../support/rest.ts";
import { TlsFront } from "../support/tls-front.ts";

const OLD = "the value that was there";

/** A source of which one piece comes; then it does what `then` does. */
function sourceOf(then: () => Promise<void>): ReadableStream<Uint8Array> {
  let first = true;
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (!first) return then();
        first = false;
        controller.enqueue(new TextEncoder().encode("the first half of "));
        return undefined;
      },
    },
    { highWaterMark: 0 },
  );
}

const stalls = (): Promise<never> => new Promise(() => {});

/** The ways that a request travels, each as the options of a driver. */
const WAYS: [name: string, version: string, options: () => KVClientOptions][] = [
  ["HTTP/1.1 over its own connections", "1.1", () => ({})],
  ["HTTP/2 over its own connections", "2.0", () => ({ allowH2: true })],
  ["HTTP/2 over a dispatcher", "2.0", () => ({ dispatcher: agent })],
  ["HTTP/1.1 over fetch", "1.1", () => ({ fetch })],
  ["HTTP/2 over fetch", "2.0", () => ({ fetch: fetchOver(agent) })],
  ["a fetch that heeds no signal", "1.1", () => ({ fetch: heedless })],
];

const agent = new Agent();
afterAll(() => agent.close());

function fetchOver(dispatcher: Agent): typeof fetch {
  return ((url: string, init: object) => undiciFetch(url, { ...init, dispatcher })) as unknown as typeof fetch;
}

const heedless: typeof fetch = (url, init) => fetch(url, { ...init, signal: null });

describe("an upload that is given up", () => {
  const rest = useRest();
  let certificate: Certificate;
  let front: TlsFront;
  beforeAll(async () => {
    certificate = await trustedCertificate();
  });
  beforeEach(async () => {
    front = await TlsFront.start({ target: rest.server.url, certificate });
    await rest.server.kv("test").put("a", OLD);
  });
  afterEach(() => front[Symbol.asyncDispose]());

  function open(options: KVClientOptions): KV {
    const account = { ...accountOf(rest.server), baseURL: front.url, namespaceId: rest.server.namespaces[0]!.id };
    return createKV({ ...account, writeInterval: 0, retry: false, ...options });
  }

  const stored = async (): Promise<string | null> => {
    await front.idle();
    return rest.server.kv("test").get("a");
  };

  describe.for(WAYS)("over %s", ([, version, way]) => {
    describe.for([undefined, { label: 1 }])("of a stream, with metadata %j", (metadata) => {
      test("because its source fails leaves what was there", async () => {
        await using kv = open(way());
        const source = sourceOf(async () => {
          await front.came(1);
          throw new Error("the source failed");
        });
        await expect(kv.put("a", source, { metadata })).rejects.toThrow("the source failed");
        expect(await stored()).toBe(OLD);
        expect(front.versions).toEqual([version]);
      });

      test.for([
        ["its source stalls", { timeout: 200 }, "200 ms"],
        ["its deadline passes", { deadline: 200 }, "deadline"],
      ] as const)("because %s leaves what was there", async ([, limits, why]) => {
        await using kv = open({ ...way(), ...limits });
        await expect(kv.put("a", sourceOf(stalls), { metadata })).rejects.toThrow(why);
        expect(await stored()).toBe(OLD);
        expect([[], [version]]).toContainEqual(front.versions);
      });

      test("because of its signal leaves what was there", async () => {
        await using kv = open(way());
        const controller = new AbortController();
        const written = kv.put("a", sourceOf(stalls), { metadata, signal: controller.signal });
        void front.came(1).then(() => controller.abort(new Error("no longer wanted")));
        await expect(written).rejects.toThrow("no longer wanted");
        expect(await stored()).toBe(OLD);
      });
    });

    // More than the buffers of both ends hold.
    const text = "n".repeat(8 * 1024 * 1024);
    const metadata = { label: 1 };
    describe.for<[string, (kv: KV, options?: KVCallOptions) => Promise<void>]>([
      ["text", (kv, options) => kv.put("a", text, options)],
      ["bytes", (kv, options) => kv.put("a", Buffer.from(text), options)],
      ["text with metadata", (kv, options) => kv.put("a", text, { metadata, ...options })],
      ["bytes with metadata", (kv, options) => kv.put("a", Buffer.from(text), { metadata, ...options })],
      [
        "many",
        (kv, options) =>
          kv.putMany(
            [
              { key: "a", value: text },
              { key: "b", value: "" },
            ],
            options,
          ),
      ],
    ])("of %s", ([, put]) => {
      test.for([
        ["nothing moves", { timeout: 200 }],
        ["its deadline passes", { deadline: 200 }],
      ] as const)("because %s leaves what was there", async ([, limits]) => {
        front.hold();
        const kv = open({ ...way(), ...limits });
        await expect(put(kv)).rejects.toThrow(/for 200 ms|deadline/);
        front.release();
        expect(await stored()).toBe(OLD);
        expect([[], [version]]).toContainEqual(front.versions);
        await kv.close();
      });

      test("because of its signal is left to finish", async () => {
        front.hold();
        await using kv = open(way());
        const controller = new AbortController();
        const written = put(kv, { signal: controller.signal });
        void front.came(1).then(() => controller.abort(new Error("no longer wanted")));
        await expect(written).rejects.toThrow("no longer wanted");
        front.release();
        await kv.close();
        expect(await stored()).toHaveLength(text.length);
      });
    });
  });
});
