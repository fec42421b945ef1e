import { LaterPuts, UNLISTED_KEYS, type KVNamespace } from "@kvplug/core/seam";
import { expect, test } from "vitest";

/** A namespace of no listed keys that notes what is deleted, and knows of keys that no listing shows. */
function open(
  unlisted: readonly string[],
  listed: readonly string[] = [],
): { kv: KVNamespace<any>; deleted: string[][] } {
  const deleted: string[][] = [];
  let turn: string[] | undefined;
  const kv = {
    [UNLISTED_KEYS]: () => () => new Map(unlisted.map((name) => [name, undefined])),
    list: async () => ({ keys: listed.map((name) => ({ name })), list_complete: true, cacheStatus: null }),
    async delete(name: string) {
      if (turn === undefined) {
        deleted.push((turn = []));
        queueMicrotask(() => (turn = undefined));
      }
      turn.push(name);
    },
  };
  return { kv: kv as unknown as KVNamespace<any>, deleted };
}

test("what no listing shows is deleted, batch by batch, however much it is", async () => {
  const names = Array.from({ length: 200_000 }, (_, i) => String(i));
  const { kv, deleted } = open(names, ["0", "1"]);
  await new LaterPuts(kv, "").clear(50_000);
  expect(deleted.flat().toSorted()).toEqual(names.toSorted());
  for (const batch of deleted) expect(batch.length).toBeLessThanOrEqual(50_000);
});

test("what is put again after a later put failed is kept, and what is not is deleted", async () => {
  const { kv, deleted } = open([], ["a", "b"]);
  const later = new LaterPuts(kv, "");
  const first = Promise.withResolvers<void>();
  const second = { a: Promise.withResolvers<void>(), b: Promise.withResolvers<void>() };
  for (const name of ["a", "b"]) later.add(name, first.promise);
  const cleared = later.clear();
  await new Promise((resolve) => setImmediate(resolve));
  for (const name of ["a", "b"] as const) later.add(name, second[name].promise);
  first.reject(new Error("the first put failed"));
  await new Promise((resolve) => setImmediate(resolve));
  second.a.resolve();
  second.b.reject(new Error("the second put failed"));
  await cleared;
  expect(deleted).toEqual([["b"]]);
});
