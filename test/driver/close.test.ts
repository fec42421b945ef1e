import { setImmediate } from "node:timers/promises";
import { createClient, type KV } from "@kvplug/core";
import { describe, expect, test } from "vitest";
import { collect } from "../support/collect.ts";
import { errorOf } from "../support/errors.ts";
import { listAll } from "../support/namespace.ts";
import { accountOf } from "../support/rest.ts";
import { VirtualTime } from "../support/virtual-time.ts";
import { refusal } from "../support/wire.ts";
import { useWiredRest, type WiredRest } from "../support/wired-rest.ts";

describe("close settles what was written", () => {
  const rest = useWiredRest();
  const { wire, open, stored } = rest;

  test("all that was not awaited is sent", async () => {
    const kv = open();
    const settled: string[] = [];
    for (const key of ["a", "b", "c"]) void kv.put(key, key).then(() => settled.push(key));
    void kv.delete("b").then(() => settled.push("b is gone"));
    await kv.close();
    expect(settled.toSorted()).toEqual(["a", "b", "b is gone", "c"]);
    expect((await listAll(rest.server.kv("test"))).map(({ name }) => name)).toEqual(["a", "c"]);
  });

  test("what waits for its key's turn as well, in its turn", async () => {
    using time = new VirtualTime();
    const kv = open({ writeInterval: 200 });
    const written: Promise<void>[] = [];
    for (let i = 0; i < 4; i++) {
      written.push(kv.put("a", String(i)));
      if (i < 2) await rest.sent(i + 1);
    }
    await time.until(kv.close());
    await Promise.all(written);
    expect(time.now).toBeGreaterThanOrEqual(200);
    expect(await stored("a")).toBe("3");
    expect(wire.sent).toHaveLength(3);
  });

  test("what fails rejects its own promise, and not close", async () => {
    const kv = open();
    wire.instead = () => refusal();
    const failed = errorOf(kv.put("a", "1"));
    await kv.close();
    expect(await failed).toMatchObject({ key: "a" });
  });

  test("await using", async () => {
    {
      await using kv = open();
      void kv.put("a", "1");
    }
    expect(await stored("a")).toBe("1");
  });

  test("calls that come after are refused, while what came before goes on", async () => {
    const kv = open();
    wire.hold();
    const written = kv.put("a", "1");
    await rest.sent(1);
    const closed = kv.close();
    const calls = [
      kv.put("a", "2"),
      kv.delete("a"),
      kv.get("a"),
      kv.get(["a"]),
      kv.getWithMetadata("a"),
      kv.getMetadata("a"),
      kv.list(),
      kv.putMany([]),
      kv.deleteMany([]),
      kv.clear(),
      kv.keys().next(),
      kv.entries().next(),
    ];
    for (const call of calls) expect(await errorOf(call)).toMatchObject({ code: "KV_CLOSED" });
    wire.release();
    await Promise.all([written, closed]);
    expect(await stored("a")).toBe("1");
  });
});

describe("close waits for calls that were made before", () => {
  const rest = useWiredRest();

  describe.each<[string, () => KV]>([
    ["a driver", () => rest.open()],
    ["a client's namespace", () => createClient({ ...accountOf(rest.server), fetch: rest.wire.fetch }).kv(idOf(rest))],
  ])("of %s", (_, open) => {
    test.each<[string, (kv: KV) => Promise<unknown>]>([
      ["get", (kv) => kv.get("a")],
      ["get of many", (kv) => kv.get(["a", "b"])],
      ["getMetadata", (kv) => kv.getMetadata("a")],
      ["a stream", async (kv) => close(await kv.get("a", "stream"))],
      ["a stream with metadata", async (kv) => close((await kv.getWithMetadata("a", "stream")).value)],
      ["list", (kv) => kv.list()],
      ["keys", (kv) => collect(kv.keys())],
      ["entries", (kv) => collect(kv.entries({ prefix: "none" }))],
      ["clear", (kv) => kv.clear()],
    ])("%s", async (_, call) => {
      await rest.server.kv("test").put("a", "1");
      for (const put of ["none", "whole", "broken"]) {
        const kv = open();
        const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
        if (put !== "none") kv.put("a", readable).catch(() => {});
        const called = { isOver: false, error: undefined as unknown };
        rest.wire.hold();
        const over = call(kv).catch((error: unknown) => (called.error = error));
        void over.then(() => (called.isOver = true));
        const closed = kv.close();
        rest.wire.release();
        const writer = writable.getWriter();
        (put === "broken" ? writer.abort(new Error("broken")) : writer.close()).catch(() => {});
        await closed;
        await setImmediate();
        expect(called).toEqual({ isOver: true, error: undefined });
      }
    });
  });

  test("names that are listed are yielded, and a further page is refused", async () => {
    const names = Array.from({ length: 1001 }, (_, i) => `key ${i}`);
    await rest.kv.putMany(names.map((key) => ({ key, value: "" })));
    for (const prefix of ["key 1000", "key"]) {
      const kv = rest.open();
      const keys = kv.keys({ prefix });
      const found = [await keys.next()];
      await kv.close();
      const others = collect(keys);
      if (prefix === "key") await expect(others).rejects.toMatchObject({ code: "KV_CLOSED" });
      else expect(await others).toEqual([]);
      expect(found).toEqual([{ done: false, value: { name: prefix === "key" ? "key 0" : prefix } }]);
    }
  });
});

/** One that nobody reads may have been ended already. */
function close(stream: ReadableStream | null): void {
  stream?.cancel().catch(() => {});
}

function idOf(rest: WiredRest): string {
  return rest.server.namespaces[0]!.id;
}
