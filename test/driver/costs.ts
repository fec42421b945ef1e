import { describe, expect, test } from "vitest";
import { collect } from "../support/collect.ts";
import { listAll } from "../support/namespace.ts";
import { startRest, useRest } from "../support/rest.ts";
import { useVirtualTime } from "../support/clock.ts";

const BULK_GET = "POST /:namespace/bulk/get";
const BULK_PUT = "PUT /:namespace/bulk";
const BULK_DELETE = "POST /:namespace/bulk/delete";
const VALUE = "GET /:namespace/values/:key";
const LIST = "GET /:namespace/keys";

const KIB = "x".repeat(1024);

const valueOf = (key: string): string => `value of ${key}`;

/** Tests what so many keys cost, some thousands of them. */
export function describeCosts(count: number): void {
  const KEYS = Array.from({ length: count }, (_, i) => `key/${String(i).padStart(4, "0")}`);
  const pairs = KEYS.map((key, metadata) => ({ key, value: valueOf(key), metadata }));
  /** Requests for a hundred keys each, and for a thousand. */
  const [hundreds, thousands] = [count / 100, count / 1000];

  describe("what work costs in requests", () => {
    const rest = useRest();

    const cost = (): Readonly<Record<string, number>> => rest.server.requests.byRoute;
    const stored = async (): Promise<number> => (await listAll(rest.server.kv("test"))).length;

    async function fill(): Promise<void> {
      await rest.kv.putMany(pairs);
      rest.server.requests.reset();
    }

    test(`${count} gets in one tick: ${hundreds}`, async () => {
      await fill();
      expect(await Promise.all(KEYS.map((key) => rest.kv.get(key)))).toEqual(KEYS.map(valueOf));
      expect(cost()).toEqual({ [BULK_GET]: hundreds });
    });

    test(`${count} getWithMetadata in one tick: ${hundreds}`, async () => {
      await fill();
      const found = await Promise.all(KEYS.map((key) => rest.kv.getWithMetadata(key)));
      expect(found).toEqual(pairs.map(({ value, metadata }) => ({ value, metadata, cacheStatus: null })));
      expect(cost()).toEqual({ [BULK_GET]: hundreds });
    });

    test.for([
      ["without metadata", {}],
      ["with metadata", { metadata: { label: "é" } }],
    ] as const)(`${count} puts of 1 KiB in one tick, %s: 1`, async ([, options]) => {
      await Promise.all(KEYS.map((key) => rest.kv.put(key, KIB, options)));
      expect(cost()).toEqual({ [BULK_PUT]: 1 });
      const store = rest.server.kv("test");
      for (const key of KEYS) {
        const { value, metadata } = await store.getWithMetadata(key);
        if (value !== KIB || (metadata === null) === "metadata" in options)
          expect.unreachable(`${key} is not as it was put`);
      }
    });

    test(`${count} deletes in one tick: 1`, async () => {
      await fill();
      await Promise.all(KEYS.map((key) => rest.kv.delete(key)));
      expect(cost()).toEqual({ [BULK_DELETE]: 1 });
      expect(await stored()).toBe(0);
    });

    test("1,000 gets of one key at once: 1", async () => {
      await rest.server.kv("test").put("a", "1");
      const found = await Promise.all(Array.from({ length: 1000 }, () => rest.kv.get("a")));
      expect(found).toEqual(Array.from({ length: 1000 }, () => "1"));
      expect(cost()).toEqual({ [VALUE]: 1 });
    });

    test(`64 loops of gets, ${count} keys in all: ${4 * hundreds} at most`, async () => {
      await fill();
      const waiting = KEYS.values();
      const found = new Map<string, string | null>();
      const loop = async (): Promise<void> => {
        for (const key of waiting) found.set(key, await rest.kv.get(key));
      };
      await Promise.all(Array.from({ length: 64 }, loop));
      expect(found.size).toBe(count);
      for (const [key, value] of found) if (value !== valueOf(key)) expect.unreachable(`${key} was read as ${value}`);
      expect(rest.server.requests.total).toBeLessThanOrEqual(4 * hundreds);
    });

    test(`entries() over ${count} keys: ${thousands} pages of names, ${hundreds} of values`, async () => {
      await fill();
      const found = await collect(rest.kv.entries());
      expect(found).toEqual(pairs.map(({ key, ...others }) => ({ name: key, ...others })));
      expect(cost()).toEqual({ [LIST]: thousands, [BULK_GET]: hundreds });
    });

    test(`clear() of ${count} keys: ${thousands} pages of names, 1 delete`, async () => {
      await fill();
      expect(await rest.kv.clear()).toBe(count);
      expect(cost()).toEqual({ [LIST]: thousands, [BULK_DELETE]: 1 });
      expect(await stored()).toBe(0);
    });

    test("100 puts of one key in one tick: 1, the last one's", async () => {
      await Promise.all(Array.from({ length: 100 }, (_, i) => rest.kv.put("a", String(i))));
      expect(rest.server.requests.total).toBe(1);
      expect(await rest.server.kv("test").get("a")).toBe("99");
    });
  });

  describe("a budget of requests", () => {
    const time = useVirtualTime();

    test(`${count} reads and ${count} writes at once fit into its first window`, async () => {
      const [requests, window] = [1.2 * hundreds, 3000];
      const { kv, server, close } = await startRest({ now: () => Date.now(), rateLimit: { requests, window } });
      const store = server.kv("test");
      await Promise.all(pairs.map(({ key, value }) => store.put(key, value)));
      const written = KEYS.map((key) => kv.put(`new/${key}`, KIB));
      const read = KEYS.map((key) => kv.get(key));
      await time.until(Promise.all(written));
      expect(await time.until(Promise.all(read))).toEqual(KEYS.map(valueOf));
      expect(time.now).toBeLessThan(window);
      expect(kv.stats().rateLimited).toBe(0);
      expect(server.requests.total).toBeLessThanOrEqual(requests);
      expect(await listAll(store, { prefix: "new/" })).toHaveLength(count);
      await close();
    });
  });
}
