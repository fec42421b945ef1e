import { endOfTick, Presence } from "@kvplug/core/seam";
import { describe, expect, it } from "vitest";
import { errorOf } from "../support/errors.ts";
import { openMiniflare } from "../support/miniflare.ts";
import { startRest, useRest } from "../support/rest.ts";

const isGood = (metadata: unknown): boolean => (metadata as { bad?: boolean } | null)?.bad !== true;

describe("presence", () => {
  const rest = useRest();

  it("of a lone key costs one request and no value", async () => {
    await rest.kv.put("a", "v".repeat(100_000), { metadata: {} });
    const { bytesReceived } = rest.kv.stats();
    rest.server.requests.reset();
    expect(await new Presence(rest.kv, isGood).has("a")).toBe(true);
    expect(rest.server.requests.total).toBe(1);
    expect(rest.kv.stats().bytesReceived - bytesReceived).toBeLessThan(1000);
  });

  it("is told of a key without metadata at the second request, and of one that is not there at the first", async () => {
    await rest.kv.put("foreign", "v");
    const presence = new Presence(rest.kv, isGood);
    rest.server.requests.reset();
    expect([await presence.has("foreign"), await presence.has("none")]).toEqual([true, false]);
    expect(rest.server.requests.total).toBe(3);
  });

  it("is asked for a hundred keys of a tick in one request, after what the tick writes", async () => {
    const presence = new Presence(rest.kv, isGood);
    const keys = Array.from({ length: 100 }, (_, i) => `key-${i}`);
    const answers = Promise.all(keys.map((key) => presence.has(key)));
    const written = rest.kv.put("key-7", "v");
    expect((await answers).flatMap((there, i) => (there ? [keys[i]] : []))).toEqual(["key-7"]);
    await written;
    expect(rest.server.requests.byRoute["POST /:namespace/bulk/get"]).toBe(1);
  });

  it("goes by the metadata", async () => {
    await rest.kv.put("a", "v", { metadata: { bad: true } });
    const presence = new Presence(rest.kv, isGood);
    expect([await presence.has("a"), ...(await Promise.all([presence.has("a"), presence.has("b")]))]).toEqual([
      false,
      false,
      false,
    ]);
  });

  it("is told over a Worker's binding", async () => {
    const { kv, close } = await openMiniflare();
    await kv.put("a", "v");
    const presence = new Presence(kv, isGood);
    expect([await presence.has("a"), await presence.has("none")]).toEqual([true, false]);
    await close();
  });

  it("of a name that cannot be is refused, and of the others of the tick is told", async () => {
    await rest.kv.put("a", "v");
    const presence = new Presence(rest.kv, isGood);
    const asked = Promise.all([presence.has("a"), presence.has("b")]);
    expect((await errorOf(presence.has("k".repeat(513)))).code).toBe("KV_LIMIT");
    expect(await asked).toEqual([true, false]);
  });

  it("fails for all who ask where the read fails", async () => {
    const { kv, server, close } = await startRest({}, { retry: false });
    await server.close();
    const presence = new Presence(kv, isGood);
    const errors = await Promise.all(["a", "b"].map((key) => errorOf(presence.has(key))));
    expect(errors.map(({ code }) => code)).toEqual(["KV_NETWORK", "KV_NETWORK"]);
    await close();
  });
});

describe("the end of a tick", () => {
  it("comes after all promise reactions of the turn, and before its timers", async () => {
    const order: string[] = [];
    const reactions = async (): Promise<void> => {
      for (let i = 0; i < 50; i++) await Promise.resolve();
      order.push("reactions");
    };
    const timer = new Promise<void>((resolve) => {
      setTimeout(() => {
        order.push("timer");
        resolve();
      }, 0);
    });
    endOfTick(() => order.push("end"));
    void reactions();
    await timer;
    expect(order).toEqual(["reactions", "end", "timer"]);
  });
});
