import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { KVCallOptions } from "@kvplug/core";
import { expect, test } from "vitest";
import { useWiredRest } from "../support/wired-rest.ts";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

const rest = useWiredRest();

type Call = (options: KVCallOptions) => Promise<unknown>;

/** Makes a call that is willing to wait for longest, and does not; returns what it rejects with, weakly. */
async function leave(call: Call): Promise<WeakRef<Error>> {
  const controller = new AbortController();
  const left = call({ signal: controller.signal, deadline: 120_000 }).catch((error: unknown) => error);
  controller.abort(new Error("no longer wanted"));
  return new WeakRef((await left) as Error);
}

async function isCollected(ref: WeakRef<Error>): Promise<boolean> {
  for (let turn = 0; turn < 50; turn++) {
    await setImmediate();
    gc();
    if (ref.deref() === undefined) return true;
  }
  return false;
}

test.each<[string, Call]>([
  ["get", (options) => rest.kv.get("a", options)],
  ["get of bytes", (options) => rest.kv.get("a", { ...options, type: "arrayBuffer" })],
  ["get of many", (options) => rest.kv.get(["a", "b"], options)],
  ["getWithMetadata", (options) => rest.kv.getWithMetadata("a", options)],
  ["put", (options) => rest.kv.put("a", "1", options)],
  ["putMany", (options) => rest.kv.putMany([{ key: "a", value: "1" }], options)],
  ["delete", (options) => rest.kv.delete("a", options)],
  ["list", (options) => rest.kv.list(options)],
])("%s: who has an answer is not held by those who wait for theirs", async (_, call) => {
  rest.wire.hold();
  const others = [call({ deadline: 60_000 })];
  const left = await leave(call);
  await rest.sent(1);
  const leftLater = await leave(call);
  others.push(call({ deadline: 60_000 }));
  expect(await isCollected(left)).toBe(true);
  expect(await isCollected(leftLater)).toBe(true);
  rest.wire.release();
  await Promise.all(others);
});
