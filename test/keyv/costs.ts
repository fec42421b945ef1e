import { KeyvKV } from "@kvplug/keyv";
import { expect, it } from "vitest";
import { collect } from "../support/collect.ts";
import { listAll } from "../support/namespace.ts";
import type { RestSetup } from "../support/rest.ts";

/** Tests what many keys cost in requests: a page for a thousand names, a read for a hundred values. */
export function testCosts(count: number, rest: Pick<RestSetup, "kv" | "server">): void {
  const keys = Array.from({ length: count }, (_, i) => `key-${i}`);
  const pairs = keys.map((key) => ({ key, value: "v" }));
  const [pages, reads] = [Math.ceil(count / 1000), Math.ceil(count / 100)];

  it(`are few for ${count} keys`, async () => {
    const store = new KeyvKV(rest.kv, { namespace: "n" });
    const costOf = async (call: () => Promise<unknown>): Promise<number> => {
      rest.server.requests.reset();
      await call();
      return rest.server.requests.total;
    };
    expect(await costOf(() => store.setMany(pairs))).toBe(1);
    expect(await costOf(() => store.getMany(keys))).toBe(reads);
    expect(await costOf(() => collect(store.iterator()))).toBe(pages + reads);
    expect(await costOf(() => store.deleteMany(keys.slice(0, count / 2)))).toBe(1);
    await store.setMany(pairs);
    expect(await costOf(() => store.clear())).toBe(pages + 1);
    expect(await listAll(rest.kv)).toEqual([]);
  });
}
