import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { createKV, type KV, type KVClientOptions } from "@kvplug/core";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { trustedCertificate, type Certificate } from "../support/certificate.ts";
import { errorOf } from "../support/errors.ts";
import { accountOf, useRest } from "../support/rest.ts";
import { TlsFront } from "../support/tls-front.ts";
import { waysOfTravel } from "../support/ways.ts";

const MIB = 1024 * 1024;
const TIMEOUT = 1000;

describe("a large upload over a slow line", () => {
  const rest = useRest();
  let certificate: Certificate;
  let front: TlsFront;
  beforeAll(async () => {
    certificate = await trustedCertificate();
  });
  beforeEach(async () => {
    front = await TlsFront.start({ target: rest.server.url, certificate });
    // What moves on the wire is real, and so takes no time on this clock.
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  });
  afterEach(async () => {
    vi.useRealTimers();
    await front[Symbol.asyncDispose]();
  });

  function open(more: KVClientOptions): KV {
    const account = { ...accountOf(rest.server), baseURL: front.url, namespaceId: rest.server.namespaces[0]!.id };
    return createKV({ ...account, timeout: TIMEOUT, writeInterval: 0, retry: false, ...more });
  }

  const size = 12 * MIB;
  const text = "n".repeat(size);
  const metadata = { label: 1 };
  const kinds: [name: string, put: (kv: KV) => Promise<void>][] = [
    ["text", (kv) => kv.put("a", text)],
    ["bytes", (kv) => kv.put("a", Buffer.from(text))],
    ["text with metadata", (kv) => kv.put("a", text, { metadata })],
    ["bytes with metadata", (kv) => kv.put("a", Buffer.from(text), { metadata })],
    ["a stream", (kv) => kv.put("a", new Blob([text]).stream())],
    [
      "many",
      (kv) =>
        kv.putMany([
          { key: "a", value: text },
          { key: "b", value: "" },
        ]),
    ],
  ];

  describe.for(waysOfTravel())("over $name", ({ options }) => {
    test.for(kinds)("of %s takes as long as it takes, as long as it moves", async ([, put]) => {
      await using kv = open(options);
      front.hold();
      using sent = new SentBytes();
      const written = put(kv);
      written.catch(() => {});
      let waits = 0;
      for (let read = 0; sent.bytes < size; read += 2 * MIB) {
        const before = sent.bytes;
        front.read(2 * MIB);
        // Of what is on its way already, the next pieces need not have been asked for since.
        await sent.more(Math.min(before + MIB / 2, size - 1));
        await vi.advanceTimersByTimeAsync(0.6 * TIMEOUT);
        waits++;
      }
      front.release();
      await written;
      expect(waits).toBeGreaterThan(2);
      expect(await rest.server.kv("test").get("a")).toHaveLength(size);
    });

    test.for(kinds)("of %s ends where nothing moves", async ([, put]) => {
      await using kv = open(options);
      front.hold();
      using sent = new SentBytes();
      const failure = errorOf(put(kv));
      await sent.more(0);
      const passing = setInterval(() => vi.advanceTimersByTime(TIMEOUT), 1);
      expect((await failure).message).toContain(`Nothing moved for ${TIMEOUT} ms`);
      clearInterval(passing);
    });
  });
});

/** What undici, that of Node's `fetch` too, has handed on of bodies so far. */
class SentBytes implements Disposable {
  bytes = 0;
  #moved: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly #listen = (message: unknown): void => {
    this.bytes += (message as { chunk: Uint8Array }).chunk.byteLength;
    this.#moved.resolve();
    this.#moved = Promise.withResolvers();
  };

  constructor() {
    subscribe("undici:request:bodyChunkSent", this.#listen);
  }

  async more(than: number): Promise<void> {
    while (this.bytes <= than) await this.#moved.promise;
  }

  [Symbol.dispose](): void {
    unsubscribe("undici:request:bodyChunkSent", this.#listen);
  }
}
