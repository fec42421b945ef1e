import { describe, expect, test } from "vitest";
import { errorOf } from "../support/errors.ts";
import { listAll } from "../support/namespace.ts";
import { VirtualTime } from "../support/virtual-time.ts";
import { refusal } from "../support/wire.ts";
import { useWiredRest } from "../support/wired-rest.ts";

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
