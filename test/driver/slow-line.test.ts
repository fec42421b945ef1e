import { createKV } from "@kvplug/core";
import { expect, test } from "vitest";
import { useStandingClock } from "../support/clock.ts";
import { accountOf, useRest } from "../support/rest.ts";

const MB = 1_000_000;

const rest = useRest();
const advance = useStandingClock();

/** Takes a body at the pace of a line. */
async function upload(
  init: RequestInit,
  bytesPerSecond: number,
  most: number = Infinity,
): Promise<Buffer<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  let elapsed = 0;
  for await (const piece of new Response(init.body).body!) {
    pieces.push(piece);
    const time = (piece.byteLength / bytesPerSecond) * 1000;
    advance(time);
    if ((elapsed += time) > most) throw new TypeError("fetch failed", { cause: new Error("the connection was reset") });
  }
  return Buffer.concat(pieces);
}

test("bulk bodies fit the line: after a slow one the next are smaller, and grow again when it is quick", async () => {
  let bytesPerSecond = 0.2 * MB;
  const bodies: number[] = [];
  // One after the other, as over one line.
  let line: Promise<unknown> = Promise.resolve();
  const slowly: typeof fetch = async (url, init) => {
    const sent = line.then(async () => {
      const body = await upload(init!, bytesPerSecond);
      bodies.push(body.length);
      return fetch(url, { ...init, body });
    });
    line = sent.catch(() => {});
    return sent;
  };
  await using kv = createKV({
    ...accountOf(rest.server),
    namespaceId: rest.server.namespaces[0]!.id,
    fetch: slowly,
    batch: { maxBytes: 5 * MB },
    writeInterval: 0,
    deadline: 3_600_000,
  });
  const value = "v".repeat(100_000);
  const write = (name: string, count: number): Promise<void> =>
    kv.putMany(
      (function* () {
        for (let i = 0; i < count; i++) yield { key: `${name}:${i}`, value };
      })(),
    );
  await write("slow", 200);
  expect(bodies[0]).toBeGreaterThan(4.5 * MB);
  // What the line carries in ten seconds; two were under way when it turned out to be slow.
  expect(Math.max(...bodies.slice(3))).toBeLessThan(2.1 * MB);
  // However slow it is, a request of the budget carries a megabyte.
  expect(Math.min(...bodies.slice(0, -1))).toBeGreaterThan(0.85 * MB);
  bodies.length = 0;
  bytesPerSecond = 100 * MB;
  await write("quick", 300);
  expect(Math.max(...bodies)).toBeGreaterThan(4.5 * MB);
  expect((await kv.get(["slow:199", "quick:299"])).get("slow:199")).toBe(value);
});

test("a body that the line turned out too slow for is sent again in smaller ones", async () => {
  const [whole, cut]: [number[], number[]] = [[], []];
  /** Somewhere on the way, no request may take longer than that. */
  const most = 12_000;
  let line: Promise<unknown> = Promise.resolve();
  const cutting: typeof fetch = async (url, init) => {
    const sent = line.then(async () => {
      const body = await upload(init!, 0.2 * MB, most).catch((error: unknown) => {
        cut.push(1);
        throw error;
      });
      whole.push(body.length);
      return fetch(url, { ...init, body });
    });
    line = sent.catch(() => {});
    return sent;
  };
  await using kv = createKV({
    ...accountOf(rest.server),
    namespaceId: rest.server.namespaces[0]!.id,
    fetch: cutting,
    retry: { minDelay: 1, maxDelay: 1 },
    writeInterval: 0,
    deadline: 3_600_000,
  });
  const value = "v".repeat(100_000);
  const keys = Array.from({ length: 60 }, (_, i) => `cut:${i}`);
  await kv.putMany(keys.map((key) => ({ key, value })));
  // Six megabytes were given up once, and went out in three or four.
  expect(cut).toHaveLength(1);
  expect(whole.length).toBeLessThanOrEqual(4);
  expect(Math.max(...whole)).toBeLessThan(2.4 * MB);
  expect([...(await kv.get(keys)).values()].every((got) => got === value)).toBe(true);
});

test("what is small, and was answered late, was not held up by the line", async () => {
  const bodies: number[] = [];
  const late: typeof fetch = async (url, init) => {
    const body = init!.body === undefined ? undefined : Buffer.from(await new Response(init!.body).arrayBuffer());
    bodies.push(body?.length ?? 0);
    advance(60_000);
    return fetch(url, { ...init, body } as RequestInit);
  };
  await using kv = createKV({
    ...accountOf(rest.server),
    namespaceId: rest.server.namespaces[0]!.id,
    fetch: late,
    writeInterval: 0,
    deadline: 3_600_000,
  });
  await kv.putMany([
    { key: "a", value: "1" },
    { key: "b", value: "2" },
  ]);
  const value = "v".repeat(2 * MB);
  await kv.putMany([
    { key: "a", value },
    { key: "b", value },
  ]);
  expect(bodies).toHaveLength(2);
  // What was silence is no slow line, however large the body.
  await kv.putMany([
    { key: "a", value },
    { key: "b", value },
  ]);
  expect(bodies).toHaveLength(3);
});
