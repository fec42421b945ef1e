import { createKV, type KV, type KVCallOptions, type KVClientOptions } from "@kvplug/core";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { trustedCertificate, type Certificate } from "../support/certificate.ts";
import { accountOf, useRest } from "../support/rest.ts";
import { TlsFront } from "../support/tls-front.ts";
import { FETCH_VERSION, waysOfTravel, type Way, type Ways } from "../support/ways.ts";

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

const heedless: typeof fetch = (url, init) => fetch(url, { ...init, signal: null });

// More than the buffers of both ends hold.
const TEXT = "n".repeat(8 * 1024 * 1024);
const LABEL = { label: 1 };

/** A kind of upload whose value is there as a whole. */
export type Upload = "text" | "bytes" | "text with metadata" | "bytes with metadata" | "many";

const UPLOADS: Record<Upload, (kv: KV, call?: KVCallOptions) => Promise<void>> = {
  text: (kv, call) => kv.put("a", TEXT, call),
  bytes: (kv, call) => kv.put("a", Buffer.from(TEXT), call),
  "text with metadata": (kv, call) => kv.put("a", TEXT, { metadata: LABEL, ...call }),
  "bytes with metadata": (kv, call) => kv.put("a", Buffer.from(TEXT), { metadata: LABEL, ...call }),
  many: (kv, call) =>
    kv.putMany(
      [
        { key: "a", value: TEXT },
        { key: "b", value: "" },
      ],
      call,
    ),
};

/** All kinds of uploads whose value is there as a whole. */
export const ALL_UPLOADS: readonly Upload[] = Object.keys(UPLOADS) as Upload[];

/** How much of it is tested. */
export interface GivenUp {
  /** The kinds of uploads, beside streams. */
  readonly uploads: readonly Upload[];
  /** Over which ways streams without metadata go; those with metadata go over all. */
  readonly bareStreams: "over the first way" | "over all ways";
  readonly ways: Ways;
}

/** Tests what uploads leave behind that are given up. */
export function describeGivenUp({ uploads, bareStreams, ways: which }: GivenUp): void {
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

    function open(more: KVClientOptions): KV {
      const account = { ...accountOf(rest.server), baseURL: front.url, namespaceId: rest.server.namespaces[0]!.id };
      return createKV({ ...account, writeInterval: 0, retry: false, ...more });
    }

    const stored = async (): Promise<string | null> => {
      await front.idle();
      return rest.server.kv("test").get("a");
    };

    const ways: Way[] = [
      ...waysOfTravel(which),
      { name: "a fetch that heeds no signal", version: FETCH_VERSION, options: { fetch: heedless } },
    ];
    describe.for(ways)("over $name", (way) => {
      const { version, options } = way;
      const isBare = bareStreams === "over all ways" || way === ways[0];
      describe.for(isBare ? [undefined, LABEL] : [LABEL])("of a stream, with metadata %j", (metadata) => {
        test("because its source fails leaves what was there", async () => {
          await using kv = open(options);
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
          await using kv = open({ ...options, ...limits });
          await expect(kv.put("a", sourceOf(stalls), { metadata })).rejects.toThrow(why);
          expect(await stored()).toBe(OLD);
          expect([[], [version]]).toContainEqual(front.versions);
        });

        test("because of its signal leaves what was there", async () => {
          await using kv = open(options);
          const controller = new AbortController();
          const written = kv.put("a", sourceOf(stalls), { metadata, signal: controller.signal });
          void front.came(1).then(() => controller.abort(new Error("no longer wanted")));
          await expect(written).rejects.toThrow("no longer wanted");
          expect(await stored()).toBe(OLD);
        });
      });

      describe.for(uploads)("of %s", (kind) => {
        const put = UPLOADS[kind];
        test("because nothing moves leaves what was there", async () => {
          front.hold();
          await using kv = open({ ...options, timeout: 200 });
          await expect(put(kv)).rejects.toThrow("for 200 ms");
          front.release();
          expect(await stored()).toBe(OLD);
          expect([[], [version]]).toContainEqual(front.versions);
        });

        test("because its caller waits no longer is left to finish", async () => {
          front.hold();
          await using kv = open(options);
          const controller = new AbortController();
          const written = put(kv, { signal: controller.signal });
          void front.came(1).then(() => controller.abort(new Error("no longer wanted")));
          await expect(written).rejects.toThrow("no longer wanted");
          front.release();
          expect(await stored()).toHaveLength(TEXT.length);
        });

        test("because its connection ends leaves what was there", async () => {
          front.hold();
          await using kv = open(options);
          const written = put(kv);
          void front.came(1).then(() => front.drop());
          await expect(written).rejects.toThrow("got no answer");
          front.release();
          expect(await stored()).toBe(OLD);
        });
      });
    });
  });
}
