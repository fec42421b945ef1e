import { createKV, type KV, type KVClientOptions } from "@kvplug/core";
import type { Milliseconds } from "@kvplug/core/seam";
import { describe, expect, test } from "vitest";
import { VirtualTime } from "../support/virtual-time.ts";

// In virtual time; an answer takes 50 ms, and a key's turn may be noticed 20 ms late.
const LATENCY: Milliseconds = 50;
const GRAIN: Milliseconds = 20;

interface Written {
  at: Milliseconds;
  body: string | undefined;
}

/** An API that takes every write, and tells when it came. */
function recordingApi(time: VirtualTime, written: Written[]): typeof fetch {
  return async (_, init) => {
    written.push({ at: time.now, body: init?.body as string | undefined });
    await new Promise<void>((resolve) => time.at(time.now + LATENCY, resolve));
    return new Response('{"success":true,"errors":[],"messages":[],"result":{"unsuccessful_keys":[]}}');
  };
}

async function run(options: KVClientOptions, program: (kv: KV, time: VirtualTime) => void): Promise<Written[]> {
  using time = new VirtualTime();
  const written: Written[] = [];
  const fetch = recordingApi(time, written);
  const kv = createKV({ accountId: "a", apiToken: "t", namespaceId: "n", ...options, fetch });
  time.at(0, () => program(kv, time));
  await time.run();
  return written;
}

/** One call after the other, each when the one before is done. */
async function oneByOne(kv: KV, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await kv.put("a", String(i));
}

/** That these came at these times, or as late as a turn may be noticed. */
function expectTimes(written: readonly Written[], times: readonly Milliseconds[]): void {
  const came = written.map(({ at }) => at);
  expect(came).toHaveLength(times.length);
  for (const [i, time] of times.entries()) {
    expect(came[i], `write ${i} of ${came.join(", ")}`).toBeGreaterThanOrEqual(time);
    expect(came[i], `write ${i} of ${came.join(", ")}`).toBeLessThanOrEqual(time + GRAIN);
  }
}

describe("the pace of a key's writes", () => {
  test("two in quick succession, then one a second", async () => {
    const written = await run({}, (kv) => void oneByOne(kv, 6));
    expectTimes(written, [0, 50, 1000, 2000, 3000, 4000]);
    expect(written.map(({ body }) => body)).toEqual(["0", "1", "2", "3", "4", "5"]);
  });

  test("writeInterval and writeBurst set it", async () => {
    const written = await run({ writeInterval: 300, writeBurst: 4 }, (kv) => void oneByOne(kv, 6));
    expectTimes(written, [0, 50, 100, 150, 300, 600]);
  });

  test("writeInterval: 0 is no pace", async () => {
    const written = await run({ writeInterval: 0 }, (kv) => void oneByOne(kv, 5));
    expect(written.map(({ at }) => at)).toEqual([0, 50, 100, 150, 200]);
  });

  test("what is written meanwhile is replaced by what comes later", async () => {
    const written = await run({}, (kv, time) => {
      for (let i = 0; i < 250; i++) time.at(i * 10, () => void kv.put("a", String(i)));
    });
    expectTimes(written, [0, 50, 1000, 2000, 3000]);
    expect(written.at(-1)!.body).toBe("249");
  });

  test("a key that has rested has both quick ones again", async () => {
    const written = await run({}, (kv, time) => {
      void oneByOne(kv, 3);
      time.at(10_000, () => void oneByOne(kv, 3));
    });
    expectTimes(written, [0, 50, 1000, 10_000, 10_050, 11_000]);
  });

  test("keys do not slow each other down, and share the request of their turn", async () => {
    const written = await run({}, (kv, time) => {
      const putAll = (i: number): void => {
        for (const key of ["a", "b", "c"]) void kv.put(key, `${key}${i}`);
      };
      for (let i = 0; i < 5; i++) time.at(i * 60, () => putAll(i));
    });
    expectTimes(written, [0, 60, 1000]);
    expect(written.at(-1)!.body).toContain('"b4"');
  });
});
