/** Programs that close a namespace of a client, and open it again: the laws hold beyond that. */
import { createClient, type KV, type KVClient, type KVOptions } from "@kvplug/core";
import { expect, test } from "vitest";
import type { Fate } from "./fates.ts";
import { holds } from "./run.ts";

const client = { timeout: 50, retry: false as const, writeInterval: 0 };

/** Takes effect after it was given up. */
const LATE: Fate = { how: "silence", effect: 200 };

let opened: KVClient;

/** A namespace that is opened again for each call, where it was closed. */
function openAnew(given: KVOptions): KV {
  const { namespaceId: _, ...options } = given;
  opened = createClient(options);
  const find = (_: object, name: keyof KV | "close"): unknown => {
    if (name === "close") return () => opened.close();
    const kv = opened.kv("namespace");
    return (...args: unknown[]): unknown => (kv[name] as (...args: unknown[]) => unknown)(...args);
  };
  return new Proxy({}, { get: find }) as KV;
}

const close = (): Promise<void> => opened.kv("namespace").close();

test.each(["put", "delete", "clear"] as const)(
  "a %s waits for what was given up before the namespace was closed",
  async (kind) => {
    const { calls } = await holds(
      { client, api: { fates: [LATE] } },
      async ({ kv }) => {
        await kv.put("a", "a#1");
        await close();
        if (kind === "put") await kv.put("a", "a#2");
        else if (kind === "delete") await kv.delete("a");
        else await kv.clear();
      },
      openAnew,
    );
    expect(calls[1]!.error).toBeUndefined();
  },
);

test("a put waits for what is still on the wire, and nobody waited for when the namespace was closed", async () => {
  const { calls } = await holds(
    { client, api: { fates: [{ effect: 30, answer: 40 }] } },
    async ({ kv }) => {
      await kv.put("a", "a#1", { deadline: 5 });
      await close();
      await kv.put("a", "a#2");
    },
    openAnew,
  );
  expect(calls[1]!.error).toBeUndefined();
});

test("what was opened again counts its own calls", async () => {
  const stats: number[] = [];
  await holds(
    { client },
    async ({ kv }) => {
      await kv.put("a", "a#1");
      await close();
      await kv.put("b", "b#2");
      stats.push(opened.kv("namespace").stats().writtenKeys);
    },
    openAnew,
  );
  expect(stats).toEqual([1]);
});
