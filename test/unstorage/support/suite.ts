import createDriver, { type KVStorageOptions } from "@kvplug/unstorage";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ALL_BYTES } from "../../support/bytes.ts";
import { clear, listAll } from "../../support/namespace.ts";
import { grounds, lines, type AnyStorage, type Ground, type Line } from "./grounds.ts";

/** What unstorage asks of every driver, and what this one promises besides, over a ground and with these lines. */
export function describeStorage(name: Ground, over: readonly Line[]): void {
  describe(`over ${name}`, () => {
    const openGround = grounds[name];
    let ground: Awaited<ReturnType<typeof openGround>>;
    beforeAll(async () => {
      ground = await openGround();
    });
    beforeEach(() => clear(ground.kv));
    afterAll(() => ground.close());

    describe.each(over)("%s", (line) => {
      const createStorage = lines[line];
      const open = (options: KVStorageOptions = {}): AnyStorage =>
        createStorage(createDriver({ kv: ground.kv, ...options }));

      test("nothing is there at first", async () => {
        const storage = open();
        expect(await storage.getKeys()).toEqual([]);
        expect(await storage.hasItem("a")).toBe(false);
        expect(await storage.getItem("a")).toBeNull();
        expect(await storage.getItemRaw("a")).toBeNull();
        expect(await storage.getMeta("a")).toEqual({});
      });

      test("reads what it wrote", async () => {
        const storage = open();
        await storage.setItem("s1:a", "text");
        expect(await storage.hasItem("s1:a")).toBe(true);
        expect(await storage.getItem("s1:a")).toBe("text");
        expect(await storage.getItem("s1/a")).toBe("text");
      });

      test("lists keys, all or under a base", async () => {
        const storage = open();
        await Promise.all(["s1:a", "s2:a", "s3:a", "s1:b:c", "s11:a"].map((key) => storage.setItem(key, key)));
        expect(await storage.getKeys()).toEqual(["s11:a", "s1:a", "s1:b:c", "s2:a", "s3:a"]);
        expect(await storage.getKeys("s1")).toEqual(["s1:a", "s1:b:c"]);
      });

      test("lists keys up to a depth", async () => {
        const storage = open();
        await Promise.all(["a", "b:c", "b:d:e", "b:d:f:g"].map((key) => storage.setItem(key, key)));
        expect(await storage.getKeys(undefined, { maxDepth: 0 })).toEqual(["a"]);
        expect(await storage.getKeys(undefined, { maxDepth: 1 })).toEqual(["a", "b:c"]);
        expect(await storage.getKeys("b", { maxDepth: 2 })).toEqual(["b:c", "b:d:e"]);
      });

      test("keeps objects, arrays and primitives", async () => {
        const storage = open();
        for (const value of [{ a: [1, { b: null }] }, [1, 2], "text", 12, 0, true, false, "", "ünïcode \u{1F600}"]) {
          await storage.setItem("value", value);
          expect(await storage.getItem("value")).toEqual(value);
        }
        await storage.setItem("value", { toJSON: () => ({ from: "toJSON" }) });
        expect(await storage.getItem("value")).toEqual({ from: "toJSON" });
      });

      test("refuses what cannot be serialised", async () => {
        const storage = open();
        class Thing {
          size = 1;
        }
        await expect(storage.setItem("a", new Thing())).rejects.toThrow("Cannot stringify value");
        expect(await storage.getKeys()).toEqual([]);
      });

      test("keeps raw values to the byte", async () => {
        const storage = open();
        await storage.setItemRaw("bytes", ALL_BYTES);
        await storage.setItemRaw("buffer", ALL_BYTES.buffer);
        await storage.setItemRaw("blob", new Blob([ALL_BYTES]));
        await storage.setItemRaw("text", "base64:AAEC");
        await storage.setItemRaw("empty", new Uint8Array());
        for (const key of ["bytes", "buffer", "blob"]) {
          expect(new Uint8Array((await storage.getItemRaw(key))!)).toEqual(ALL_BYTES);
        }
        expect(new TextDecoder().decode(await storage.getItemRaw("text"))).toBe("base64:AAEC");
        expect(await storage.getItemRaw("empty")).toEqual(new Uint8Array());
        expect(await storage.hasItem("bytes")).toBe(true);
        expect(await storage.getMeta("bytes")).toEqual({ mtime: expect.any(Date) });
      });

      test("reads a peer's raw values", async () => {
        await ground.kv.put("peer", `base64:${Buffer.from(ALL_BYTES).toString("base64")}`);
        expect(await open().getItemRaw("peer")).toEqual(ALL_BYTES);
        // Also where they came as text, as out of a snapshot.
        await open().setItem("snapshot", "base64:AAEC");
        expect(await open().getItemRaw("snapshot")).toEqual(Uint8Array.of(0, 1, 2));
        await open().setItem("note", "base64: that's it!");
        expect(new TextDecoder().decode(await open().getItemRaw("note"))).toBe("base64: that's it!");
      });

      test("writes many, and reads many in order", async () => {
        const storage = open();
        await storage.setItems<string | number | object>([
          { key: "t:1", value: "a" },
          { key: "t:2", value: { b: 1 } },
          { key: "3", value: 0 },
        ]);
        const wanted = ["3", { key: "t:2" }, "none", "t:1", "3"];
        expect(await storage.getItems(wanted)).toEqual([
          { key: "3", value: 0 },
          { key: "t:2", value: { b: 1 } },
          { key: "none", value: null },
          { key: "t:1", value: "a" },
          { key: "3", value: 0 },
        ]);
      });

      test("removes an item, with its meta", async () => {
        const storage = open();
        await storage.setItem("a", 1);
        await storage.setMeta("a", { by: "me" });
        expect(await storage.getMeta("a")).toEqual({ mtime: expect.any(Date), by: "me" });
        await storage.removeItem("a", { removeMeta: true });
        expect(await storage.hasItem("a")).toBe(false);
        expect(await listAll(ground.kv)).toEqual([]);
      });

      test("clears, also what is empty", async () => {
        const storage = open();
        await storage.setItem("a", 1);
        await storage.clear();
        await storage.clear();
        expect(await storage.getKeys()).toEqual([]);
      });

      test("bases that begin with each other stay apart", async () => {
        const [app, apple] = [open({ base: "app" }), open({ base: "apple" })];
        await Promise.all([app.setItem("x", 1), apple.setItem("x", 2), open({ base: "app/deep:" }).setItem("y", 3)]);
        expect((await listAll(ground.kv)).map(({ name }) => name)).toEqual(["app:deep:y", "app:x", "apple:x"]);
        expect(await app.getKeys()).toEqual(["deep:y", "x"]);
        expect(await app.getItems(["x", "deep:y"])).toMatchObject([{ value: 1 }, { value: 3 }]);
        await app.clear();
        expect(await app.getKeys()).toEqual([]);
        expect(await apple.getItem("x")).toBe(2);
      });

      test("a mount hands over its own keys alone", async () => {
        const storage = open();
        storage.mount("data", createDriver({ kv: ground.kv, base: "d" }));
        await storage.setItem("data:x:y", 1);
        expect(await storage.getKeys("data")).toEqual(["data:x:y"]);
        expect(await ground.kv.get("d:x:y")).toBe("1");
      });

      test("clears a base of its own", async () => {
        const driver = createDriver({ kv: ground.kv });
        const storage = createStorage(driver);
        await Promise.all(["app:x", "apple:x", "app"].map((key) => storage.setItem(key, 1)));
        await driver.clear("app");
        expect(await driver.getKeys()).toEqual(["app", "apple:x"]);
        expect(await driver.getKeys("apple:")).toEqual(["apple:x"]);
      });

      test("keys of all kinds", async () => {
        const storage = open();
        const keys = [
          "a#b",
          "%41",
          "a b",
          "ключ",
          "\u{1F600}",
          "a&b=c",
          "1",
          "0",
          "constructor",
          "__proto__",
          "a%2Fb",
          "+",
          "a..b",
        ];
        await storage.setItems(keys.map((key) => ({ key, value: { key } })));
        expect((await storage.getKeys()).toSorted()).toEqual(keys.toSorted());
        expect(await Promise.all(keys.map((key) => storage.getItem(key)))).toEqual(keys.map((key) => ({ key })));
        expect(await storage.getItems(keys)).toEqual(keys.map((key) => ({ key, value: { key } })));
        await Promise.all(keys.map((key) => storage.removeItem(key)));
        expect(await listAll(ground.kv)).toEqual([]);
      });

      test("a key ends at its question mark, as unstorage has it; the driver's own does not", async () => {
        const storage = open();
        await storage.setItem("a?b", 1);
        expect(await storage.getKeys()).toEqual(["a"]);
        const driver = createDriver({ kv: ground.kv });
        await driver.setItem("a?b", "2");
        expect([await driver.getItem("a?b"), await driver.getItem("a")]).toEqual(["2", "1"]);
      });

      test("metadata and times are told", async () => {
        const storage = open();
        const before = Date.now();
        await storage.setItem("a", 1, { metadata: { plan: "free" }, ttl: 300 });
        const { mtime, ...meta } = await storage.getMeta("a");
        expect(mtime!.getTime()).toBeGreaterThanOrEqual(before);
        // What is left, in whole seconds, of which some may have passed.
        const passed = Math.ceil((Date.now() - before) / 1000) + 1;
        expect(meta).toMatchObject({ metadata: { plan: "free" }, ttl: expect.any(Number) });
        expect(meta["ttl"]).toBeLessThanOrEqual(300);
        expect(meta["ttl"]).toBeGreaterThanOrEqual(300 - passed);
        expect(meta["expiration"]).toBeGreaterThanOrEqual(Math.floor(before / 1000) + 300);
        expect((await listAll(ground.kv))[0]!.metadata).toMatchObject({ plan: "free" });
        await ground.kv.put("foreign", "1", { metadata: { by: "hand" } });
        expect(await storage.getMeta("foreign")).toEqual({ metadata: { by: "hand" } });
        // What only looks like our own is not.
        for (const metadata of ["text", 0, { $: 5 }, { $: { mtime: 1, until: "x" } }]) {
          await ground.kv.put("odd", "1", { metadata });
          expect(await storage.getMeta("odd")).toEqual({ metadata });
          expect(await storage.getItem("odd")).toBe(1);
        }
      });

      test("a key that cannot be fails alone, with the driver's name", async () => {
        const driver = createDriver({ kv: ground.kv, base: "app" });
        await driver.setItem("a", "1");
        const long = "x".repeat(600);
        for (const call of [driver.hasItem, driver.getItem, driver.getItemRaw, driver.getMeta, driver.removeItem]) {
          const [there, refused] = await Promise.allSettled([driver.hasItem("a"), call(long)]);
          expect(there).toEqual({ status: "fulfilled", value: true });
          expect(refused).toMatchObject({ reason: { code: "KV_LIMIT", actual: 604 } });
          expect((refused as PromiseRejectedResult).reason.message).toMatch(
            /^\[@kvplug\/unstorage\] A key may have up to 512/,
          );
        }
        await expect(driver.setItem("\ud800", "1")).rejects.toMatchObject({ code: "KV_INVALID" });
      });

      test("a failure leaves the others of setItems written", async () => {
        const driver = createDriver({ kv: ground.kv });
        const long = "x".repeat(600);
        const items = ["a", long, "b"].map((key) => ({ key, value: "1" }));
        await expect(driver.setItems(items)).rejects.toMatchObject({
          code: "KV_BULK",
          keys: [long],
          message: expect.stringContaining("[@kvplug/unstorage] 1 of 3 keys failed."),
        });
        expect(await driver.getKeys()).toEqual(["a", "b"]);
      });
    });
  });
}
