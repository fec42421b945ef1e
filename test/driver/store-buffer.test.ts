import type { KV } from "@kvplug/core";
import { describe, expect, test, vi } from "vitest";
import { errorOf } from "../support/errors.ts";
import { listAll } from "../support/namespace.ts";
import { startRest } from "../support/rest.ts";
import { refusal, unsuccessful } from "../support/wire.ts";
import { useWiredRest } from "../support/wired-rest.ts";

describe("writes that wait, or are under way", () => {
  const rest = useWiredRest();
  const { wire, open, stored } = rest;

  describe("resolve when the API confirmed them, or a later one of their key", () => {
    test("not before", async () => {
      wire.hold();
      let resolved = false;
      const written = rest.kv.put("a", "1").then(() => (resolved = true));
      await rest.sent(1);
      await rest.kv.get("a"); // from memory
      expect(resolved).toBe(false);
      wire.release();
      await written;
      expect(await stored("a")).toBe("1");
    });

    test("what was replaced waits for what replaced it", async () => {
      wire.hold();
      const order: string[] = [];
      const first = rest.kv.put("a", "1").then(() => order.push("1"));
      await rest.sent(1);
      const second = rest.kv.put("a", "2").then(() => order.push("2"));
      const third = rest.kv.put("a", "3").then(async () => order.push(`3 as ${await stored("a")}`));
      wire.release();
      await Promise.all([first, second, third]);
      expect(order).toEqual(["1", "2", "3 as 3"]);
      expect(wire.sent.map(({ body }) => body)).toEqual(["1", "3"]);
      expect(rest.kv.stats().replacedWrites).toBe(1);
    });

    test("a write that fails names its key, and takes along what it replaced", async () => {
      await using kv = open();
      wire.instead = () => refusal();
      const before = errorOf(kv.put("a", "1"));
      const after = errorOf(kv.put("a", "2"));
      for (const error of await Promise.all([before, after])) {
        expect(error).toMatchObject({ code: "KV_API", key: "a", httpStatus: 400 });
      }
      wire.instead = undefined;
      expect(await kv.get("a")).toBeNull();
      await kv.put("a", "3");
      expect(await kv.get("a")).toBe("3");
    });
  });

  describe("take effect in the order of the calls, one of a key in flight", () => {
    test.for([
      ["put, delete", async (kv: KV) => [kv.put("a", "1"), kv.delete("a")], null],
      ["delete, put", async (kv: KV) => [kv.delete("a"), kv.put("a", "1")], "1"],
      ["put, delete, put", async (kv: KV) => [kv.put("a", "1"), kv.delete("a"), kv.put("a", "2")], "2"],
      ["delete, put, delete", async (kv: KV) => [kv.delete("a"), kv.put("a", "1"), kv.delete("a")], null],
      ["put, putMany", async (kv: KV) => [kv.put("a", "1"), kv.putMany([{ key: "a", value: "2" }])], "2"],
      ["putMany, put", async (kv: KV) => [kv.putMany([{ key: "a", value: "1" }]), kv.put("a", "2")], "2"],
      ["deleteMany, put", async (kv: KV) => [kv.deleteMany(["a"]), kv.put("a", "1")], "1"],
      ["put, deleteMany", async (kv: KV) => [kv.put("a", "1"), kv.deleteMany(["a"])], null],
    ] as const)("%s", async ([, calls, end]) => {
      await rest.server.kv("test").put("a", "0");
      // All in one tick; then each while the one before is under way.
      await Promise.all(await calls(rest.kv));
      expect(await stored("a")).toBe(end);

      await rest.server.kv("test").put("a", "0");
      wire.hold();
      const first = rest.kv.put("a", "before");
      await rest.sent(wire.sent.length + 1);
      const others = await calls(rest.kv);
      wire.release();
      await Promise.all([first, ...others]);
      expect(await stored("a")).toBe(end);
      expect(wire.mostOfAKey).toBe(1);
    });

    test("also where a request fails, and is tried again", async () => {
      await using kv = open({ retry: { minDelay: 20, maxDelay: 20 } });
      let failures = 3;
      wire.instead = ({ keys }) => (keys.includes("a") && failures-- > 0 ? refusal(503, 10001) : undefined);
      const first = kv.put("a", "1");
      await rest.sent(1);
      const second = kv.delete("a");
      const third = kv.put("a", "2");
      await Promise.all([first, second, third]);
      expect(wire.sent.map(({ body }) => body)).toEqual(["1", "1", "1", "1", "2"]);
      expect(wire.mostOfAKey).toBe(1);
      expect(await stored("a")).toBe("2");
    });

    test("also where the caller of the one under way leaves: it may still be done", async () => {
      const controller = new AbortController();
      wire.hold();
      const left = errorOf(rest.kv.put("a", "1", { signal: controller.signal }));
      await rest.sent(1);
      controller.abort();
      expect(await left).toMatchObject({ name: "AbortError" });
      const second = rest.kv.put("a", "2");
      const other = rest.kv.put("b", "2");
      await rest.sent(2);
      expect(wire.sent.map(({ keys }) => keys)).toEqual([["a"], ["b"]]);
      wire.release();
      await Promise.all([second, other]);
      expect(wire.mostOfAKey).toBe(1);
      expect(await stored("a")).toBe("2");
    });

    test("keys do not wait for each other", async () => {
      wire.hold();
      const first = rest.kv.put("a", "1");
      await rest.sent(1);
      const second = rest.kv.put("b", "2");
      await rest.sent(2);
      wire.release();
      await Promise.all([first, second]);
    });
  });

  describe("fail alone", () => {
    test("a request that fails for all of its keys names to each caller its own", async () => {
      await using kv = open({ retry: false });
      wire.instead = () => refusal(503, 10001);
      const failed = await Promise.all(["a", "b"].map((key) => errorOf(kv.put(key, key))));
      expect(failed).toMatchObject([
        { code: "KV_API", key: "a", httpStatus: 503 },
        { code: "KV_API", key: "b", httpStatus: 503 },
      ]);
      expect(failed.map(({ message }) => /"(.)"/.exec(message)?.[1])).toEqual(["a", "b"]);
      expect(wire.sent.map(({ keys }) => keys)).toEqual([["a", "b"]]);
    });

    test("the API refuses a body because of one key: the others are written, halves find it", async () => {
      await using kv = open();
      wire.instead = ({ keys }) => (keys.includes("poison") ? refusal() : undefined);
      const keys = [...Array.from({ length: 40 }, (_, i) => `key ${i}`), "poison"];
      const outcomes = await Promise.allSettled(keys.map((key) => kv.put(key, key)));
      expect(outcomes.map(({ status }) => status)).toEqual([
        ...Array.from({ length: 40 }, () => "fulfilled"),
        "rejected",
      ]);
      const { reason } = outcomes[40] as PromiseRejectedResult;
      expect(reason).toMatchObject({ code: "KV_API", key: "poison" });
      expect(reason.message).toContain("poison");
      expect(await listAll(rest.server.kv("test"))).toHaveLength(40);
    });

    test("the same of deletes, and of putMany, which tells the key", async () => {
      await using kv = open();
      wire.instead = ({ keys }) => (keys.includes("poison") ? refusal(413) : undefined);
      const pairs = ["a", "poison", "b"].map((key) => ({ key, value: key }));
      expect(await errorOf(kv.putMany(pairs))).toMatchObject({ code: "KV_BULK", keys: ["poison"] });
      expect((await listAll(rest.server.kv("test"))).map(({ name }) => name)).toEqual(["a", "b"]);
      const outcomes = await Promise.allSettled(pairs.map(({ key }) => kv.delete(key)));
      expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
      expect(await listAll(rest.server.kv("test"))).toEqual([]);
    });

    test("unsuccessful keys are sent again, and only those", async () => {
      await using kv = open({ retry: { minDelay: 1, maxDelay: 1, attempts: 4 } });
      const failures = new Map([
        ["b", 2],
        ["d", Number.POSITIVE_INFINITY],
      ]);
      wire.instead = ({ route, keys }) => {
        const failed = keys.filter((key) => (failures.get(key) ?? 0) > 0);
        if (failed.length === 0) return undefined;
        for (const key of failed) failures.set(key, failures.get(key)! - 1);
        return route === "bulk" ? unsuccessful(failed, { keys }) : refusal(503, 10001);
      };
      const outcomes = await Promise.allSettled(["a", "b", "c", "d"].map((key) => kv.put(key, "1")));
      expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "fulfilled", "rejected"]);
      expect((outcomes[3] as PromiseRejectedResult).reason).toMatchObject({ key: "d" });
      const [first, ...others] = wire.sent.map(({ keys }) => keys);
      expect(first).toEqual(["a", "b", "c", "d"]);
      expect(others.flat().filter((key) => key === "b")).toHaveLength(2);
      expect(new Set(others.flat())).toEqual(new Set(["b", "d"]));
    });
  });

  test("clear() also removes what is still being written", async () => {
    await rest.server.kv("test").put("x/old", "1");
    wire.hold();
    const written = [rest.kv.put("x/new", "1"), rest.kv.put("y", "1")];
    await rest.sent(1);
    written.push(rest.kv.put("x/new", "2"), rest.kv.put("x/newer", "3"));
    const cleared = rest.kv.clear({ prefix: "x/" });
    wire.release();
    await Promise.all([cleared, ...written]);
    expect(await listAll(rest.server.kv("test"))).toEqual([{ name: "y" }]);
  });

  test.for([[["a"]], [["a", "b"]]])(
    "an expiration that came nearer than 60 s while its write waited is as near as KV allows, %j",
    async ([keys = []]) => {
      vi.useFakeTimers({ toFake: ["Date"] });
      const { kv, server, close } = await startRest({ now: () => Date.now() }, { fetch: wire.fetch });
      const expiration = Math.ceil(Date.now() / 1000) + 61;
      wire.hold();
      const before = keys.map((key) => kv.put(key, "1"));
      await rest.sent(1);
      const after = keys.map((key) => kv.put(key, "2", { expiration }));
      vi.setSystemTime(Date.now() + 30_000);
      try {
        wire.release();
        await Promise.all([...before, ...after]);
        for (const key of keys) {
          const entry = await server.kv("test").getWithMetadata(key);
          expect(entry.value).toBe("2");
          expect(entry.expiration).toBeGreaterThan(expiration);
        }
      } finally {
        vi.useRealTimers();
        await close();
      }
    },
  );
});
