import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { createKV, type KV, type KVClientOptions } from "@kvplug/core";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { trustedCertificate, type Certificate } from "../support/certificate.ts";
import { errorOf } from "../support/errors.ts";
import { accountOf, useRest } from "../support/rest.ts";
import { TlsFront } from "../support/tls-front.ts";
import { waysOfTravel, type Ways } from "../support/ways.ts";

const MIB = 1024 * 1024;
const TIMEOUT = 1000;

const SIZE = 12 * MIB;
const TEXT = "n".repeat(SIZE);
const metadata = { label: 1 };

/** A kind of upload. */
export type Upload = "text" | "bytes" | "text with metadata" | "bytes with metadata" | "a stream" | "many";

const UPLOADS: Record<Upload, (kv: KV) => Promise<void>> = {
  text: (kv) => kv.put("a", TEXT),
  bytes: (kv) => kv.put("a", Buffer.from(TEXT)),
  "text with metadata": (kv) => kv.put("a", TEXT, { metadata }),
  "bytes with metadata": (kv) => kv.put("a", Buffer.from(TEXT), { metadata }),
  "a stream": (kv) => kv.put("a", new Blob([TEXT]).stream()),
  many: (kv) =>
    kv.putMany([
      { key: "a", value: TEXT },
      { key: "b", value: "" },
    ]),
};

/** All kinds of uploads. */
export const ALL_UPLOADS: readonly Upload[] = Object.keys(UPLOADS) as Upload[];

/** Tests that uploads of these kinds may take their time, and that those of all kinds end where nothing moves. */
export function describeProgress(slow: readonly Upload[], ways: Ways): void {
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

    describe.for(waysOfTravel(ways))("over $name", ({ options }) => {
      test.for(slow)("of %s takes as long as it takes, as long as it moves", async (kind) => {
        await using kv = open(options);
        front.hold();
        using sent = new SentBytes();
        const written = UPLOADS[kind](kv);
        written.catch(() => {});
        let waits = 0;
        for (let read = 0; sent.bytes < SIZE; read += 2 * MIB) {
          const before = sent.bytes;
          front.read(2 * MIB);
          // Of what is on its way already, the next pieces need not have been asked for since.
          await sent.more(Math.min(before + MIB / 2, SIZE - 1));
          await vi.advanceTimersByTimeAsync(0.6 * TIMEOUT);
          waits++;
        }
        front.release();
        await written;
        expect(waits).toBeGreaterThan(2);
        expect(await rest.server.kv("test").get("a")).toHaveLength(SIZE);
      });

      test.for(ALL_UPLOADS)("of %s ends where nothing moves", async (kind) => {
        await using kv = open(options);
        front.hold();
        using sent = new SentBytes();
        const failure = errorOf(UPLOADS[kind](kv));
        await sent.more(0);
        const passing = setInterval(() => vi.advanceTimersByTime(TIMEOUT), 1);
        expect((await failure).message).toContain(`Nothing moved for ${TIMEOUT} ms`);
        clearInterval(passing);
      });
    });
  });
}

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
