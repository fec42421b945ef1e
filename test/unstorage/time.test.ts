import { describe, expect, test } from "vitest";
import { useStandingClock } from "../support/clock.ts";
import { listAll } from "../support/namespace.ts";
import { useRest } from "../support/rest.ts";
import { openStorage } from "./support/grounds.ts";

const rest = useRest({ now: () => Date.now() });
const advance = useStandingClock();

/** For how many seconds KV was told to keep a key; `undefined` for ever. */
async function keptFor(key: string): Promise<number | undefined> {
  const [found] = await listAll(rest.server.kv("test"), { prefix: key });
  return found!.expiration === undefined ? undefined : found!.expiration - Math.floor(Date.now() / 1000);
}

describe("a ttl", () => {
  test("under a minute is kept to the second, and by KV for a minute", async () => {
    const storage = openStorage({ kv: rest.kv });
    await storage.setItem("a", 1, { ttl: 5 });
    expect(await keptFor("a")).toBe(60);
    advance(4_999);
    expect(await storage.getItem("a")).toBe(1);
    expect((await storage.getMeta("a")).ttl).toBe(1);
    advance(1);
    expect(await storage.getItem("a")).toBeNull();
    expect(await storage.getItemRaw("a")).toBeNull();
    expect(await storage.getItems(["a"])).toEqual([{ key: "a", value: null }]);
    expect(await storage.hasItem("a")).toBe(false);
    expect(await storage.getMeta("a")).toEqual({});
    expect(await storage.getKeys()).toEqual([]);
  });

  test("of half a second is half a second, and one with a fraction is rounded up for KV", async () => {
    const storage = openStorage({ kv: rest.kv });
    await storage.setItem("a", 1, { ttl: 0.5 });
    await storage.setItem("b", 1, { ttl: 90.2 });
    expect([await keptFor("a"), await keptFor("b")]).toEqual([60, 91]);
    advance(500);
    expect([await storage.getItem("a"), await storage.getItem("b")]).toEqual([null, 1]);
    advance(89_700);
    expect(await storage.getItem("b")).toBeNull();
  });

  test("of 0 is none, also where the storage has one", async () => {
    const storage = openStorage({ kv: rest.kv, ttl: 300 });
    await storage.setItem("a", 1, { ttl: 0 });
    expect(await keptFor("a")).toBeUndefined();
  });

  test("of the storage holds where a write says nothing", async () => {
    const storage = openStorage({ kv: rest.kv, ttl: 300 });
    await storage.setItem("a", 1);
    await storage.setItemRaw("b", "1");
    await storage.setItems([{ key: "c", value: 1 }]);
    expect(await Promise.all(["a", "b", "c"].map(keptFor))).toEqual([300, 300, 300]);
    await storage.setItem("a", 1, { ttl: 600 });
    await storage.setItem("b", 1, { expiration: Math.floor(Date.now() / 1000) + 900 });
    expect(await Promise.all(["a", "b"].map(keptFor))).toEqual([600, 900]);
  });

  test("is raised to minTTL", async () => {
    const storage = openStorage({ kv: rest.kv, minTTL: 120 });
    await storage.setItem("a", 1, { ttl: 5 });
    expect(await keptFor("a")).toBe(120);
    // KV itself counts whole seconds.
    advance(119_000);
    expect(await storage.getItem("a")).toBe(1);
  });

  test("of each of many, or of all", async () => {
    const storage = openStorage({ kv: rest.kv });
    await storage.setItems(
      [
        { key: "a", value: 1, options: { ttl: 100 } },
        { key: "b", value: 1 },
      ],
      { ttl: 200 },
    );
    expect(await Promise.all(["a", "b"].map(keptFor))).toEqual([100, 200]);
  });
});

describe("an expiration", () => {
  const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;

  test("is KV's own", async () => {
    const storage = openStorage({ kv: rest.kv });
    const expiration = inSeconds(3600);
    await storage.setItem("a", 1, { expiration });
    expect((await listAll(rest.kv))[0]!.expiration).toBe(expiration);
    expect(await storage.getMeta("a")).toMatchObject({ expiration });
  });

  test("that is near is kept to the second", async () => {
    const storage = openStorage({ kv: rest.kv });
    const expiration = inSeconds(10);
    await storage.setItem("a", 1, { expiration });
    expect(await keptFor("a")).toBe(60);
    expect(await storage.getMeta("a")).toMatchObject({ expiration });
    advance(10_000);
    expect(await storage.getItem("a")).toBeNull();
  });

  test("with a fraction is rounded up for KV, near or far", async () => {
    const storage = openStorage({ kv: rest.kv });
    await storage.setItem("far", 1, { expiration: inSeconds(3600) + 0.5 });
    await storage.setItem("near", 1, { expiration: inSeconds(100) + 0.5 });
    expect(await keptFor("far")).toBe(3601);
    expect([100, 101]).toContain(await keptFor("near"));
    advance(3_600_500);
    expect(await storage.getItem("far")).toBeNull();
  });

  test("gives way to a ttl", async () => {
    const storage = openStorage({ kv: rest.kv });
    await storage.setItem("a", 1, { ttl: 90, expiration: inSeconds(3600) });
    expect(await keptFor("a")).toBe(90);
  });

  test("of another hand is told", async () => {
    await rest.server.kv("test").put("a", "1", { expirationTtl: 100 });
    expect((await openStorage({ kv: rest.kv }).getMeta("a")).ttl).toBe(100);
  });
});
