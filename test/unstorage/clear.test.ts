import { withCache } from "@kvplug/cache";
import type { KVNamespace } from "@kvplug/core/seam";
import { describe, expect, it, test } from "vitest";
import { listAll } from "../support/namespace.ts";
import { overlaid } from "../support/overlaid.ts";
import { useRest } from "../support/rest.ts";
import { grounds, openStorage } from "./support/grounds.ts";

const rest = useRest();
const names = async (): Promise<string[]> => (await listAll(rest.server.kv("test"))).map(({ name }) => name);

test.each(Object.keys(grounds) as (keyof typeof grounds)[])(
  "a clear over %s deletes what was being set when it was called",
  async (ground) => {
    const { kv, close } = await grounds[ground]();
    const storage = openStorage({ kv });
    await storage.setItem("a", 1);
    const calls = [storage.setItem("b", 1), storage.setItemRaw("c", "1"), storage.clear()];
    await Promise.all(calls);
    expect(await storage.getKeys()).toEqual([]);
    await close();
  },
);

describe.each([
  ["a namespace without a clear of its own", (kv: KVNamespace<any>) => kv],
  ["a cache", (kv: KVNamespace<any>) => withCache(kv, { max: 10 })],
])("a clear over %s", (_name, layer) => {
  /** A storage whose listings wait, and what lets them go on. */
  function listedLate(methods: Parameters<typeof overlaid>[1] = {}) {
    const [listed, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const list = async (options: object): Promise<unknown> => {
      const page = await rest.kv.list(options);
      listed.resolve();
      await goOn.promise;
      return page;
    };
    const kv = layer(overlaid(rest.kv, { list, ...methods }));
    return { storage: openStorage({ kv, base: "app" }), listed: listed.promise, goOn: goOn.resolve };
  }

  it("leaves alone what is set while it runs", async () => {
    const { storage, listed, goOn } = listedLate();
    await Promise.all(["a", "b", "c", "d"].map((key) => storage.setItem(key, 1)));
    const clearing = storage.clear();
    await listed;
    await storage.setItem("a", 2);
    await storage.setItems([{ key: "b", value: 2 }]);
    await storage.setItemRaw("c", new Blob(["2"]));
    goOn();
    await clearing;
    expect(await storage.getItem("a")).toBe(2);
    expect(await names()).toEqual(["app:a", "app:b", "app:c"]);
  });

  it("takes away what was there before a set that fails", async () => {
    await rest.kv.put("app:a", "1");
    const { storage, listed, goOn } = listedLate({ put: () => Promise.reject(new Error("not set")) });
    const clearing = storage.clear();
    await listed;
    await expect(storage.setItem("a", 2)).rejects.toThrow("not set");
    const setting = storage.setItemRaw("a", new Blob(["2"]));
    goOn();
    await Promise.allSettled([clearing, setting]);
    expect(await names()).toEqual([]);
  });
});
