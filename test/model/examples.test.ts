import { test } from "vitest";
import { holds } from "./run.ts";

test("an acknowledged write is not overwritten by an older one whose deadline passed in flight", async () => {
  await holds(
    { client: { writeInterval: 0 }, api: { fates: [{ effect: 100, answer: 120 }] } },
    async ({ kv, wait }) => {
      void kv.put("a", "a#1", { deadline: 20 });
      await wait(30);
      void kv.put("a", "a#2");
    },
  );
});

test("plain", async () => {
  const history = await holds({ api: { exists: ["a"] } }, async ({ kv }) => {
    console.log(await kv.put("a", "a#1"));
    console.log(await kv.get("a"));
    console.log(await kv.clear());
    console.log(await kv.getStream("a", "whole"));
  });
  console.log(history.attempts);
});
