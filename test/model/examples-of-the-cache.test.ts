/** Programs in which the cache once broke a law; each keeps all of them. */
import { describe, expect, test } from "vitest";
import { holds } from "./run.ts";
import { streamOf } from "./sources.ts";

const NO_PACE = { writeInterval: 0 };

describe("through a cache", () => {
  const cache = {};

  test.each(["put", "delete"] as const)("wrap does not store over a %s that was called meanwhile", async (what) => {
    const { effects } = await holds({ cache, client: NO_PACE }, async ({ kv, wait }) => {
      void kv.wrap("a", "a#1", () => wait(50));
      await wait(20);
      await (what === "put" ? kv.put("a", JSON.stringify("a#2")) : kv.delete("a"));
    });
    expect(effects.at(-1)!.state).toBe(what === "put" ? "a#2" : null);
  });

  test("nor does it where its value is made in the background", async () => {
    await holds({ cache, client: NO_PACE }, async ({ kv, wait }) => {
      await kv.wrap("a", "a#1", () => wait(1), { ttl: 100 });
      await wait(90);
      await kv.wrap("a", "a#2", () => wait(50), { ttl: 100, refreshThreshold: 50 });
      await kv.put("a", JSON.stringify("a#3"));
      await wait(100);
      await kv.get("a");
    });
  });

  test("wrap does not join one that was overtaken", async () => {
    await holds({ cache, client: NO_PACE }, async ({ kv, wait }) => {
      void kv.wrap("a", "a#1", () => wait(100));
      await wait(20);
      await kv.delete("a");
      await kv.wrap("a", "a#3", () => wait(1));
    });
  });

  test.each(["put", "delete"] as const)(
    "of a stream the API is asked, which has not seen a %s before it",
    async (what) => {
      await holds({ cache, transport: "fetch", api: { fates: [{ answer: 60 }] } }, async ({ kv, wait }) => {
        void kv.put("a", "a#1");
        await wait(60);
        void (what === "put" ? kv.put("a", "a#2") : kv.delete("a"));
        void kv.put("a", streamOf("a#3", "whole"));
        await wait(0);
        void kv.get("a");
      });
    },
  );

  test("a wrap that runs when it is closed hands out its value", async () => {
    await holds({ cache }, async ({ kv, wait }) => {
      void kv.wrap("a", "a#1", () => wait(50));
      await wait(10);
      await kv.close();
    });
  });

  test("a read that shares another's request names its own key where that fails", async () => {
    await holds({ cache, api: { malformedCredentials: true } }, ({ kv }) => {
      void kv.getMany(["a", "b"]);
      void kv.get("b");
    });
  });

  test("a write waits for more than one value that is being stored", async () => {
    const setup = { client: { deadline: 1000 }, api: { fates: [{}, { how: "silence" as const }] }, cache: {} };
    await holds(setup, async ({ kv, wait }) => {
      void kv.delete("a");
      void kv.wrap("a", "a#2", () => wait(0));
      await kv.put("b", "b#3");
      void kv.delete("a");
      void kv.wrap("a", "a#5", () => wait(0), { ttl: 1 });
      await kv.delete("b");
      void kv.put("a", "a#7");
    });
  });

  test("a read that was aborted does not hold the process", async () => {
    await holds({ cache, api: { fates: [{ how: "reset" }] } }, async ({ kv, abortedAfter }) => {
      await kv.get("a", { signal: abortedAfter(20), deadline: 4000 });
    });
  });
});
