import { expect, test } from "vitest";
import { grounds, openStorage, type Ground } from "./grounds.ts";

/** The test that more keys than a page holds come through a ground; both lines of unstorage ask for all in one call. */
export function testManyKeys(name: Ground): void {
  test(`2,500 keys come through the cursor over ${name}`, async () => {
    const { kv, close } = await grounds[name]();
    const storage = openStorage({ kv, base: "many" });
    const keys = Array.from({ length: 2500 }, (_, i) => `k${String(i).padStart(4, "0")}`);
    await storage.setItems(keys.map((key) => ({ key, value: 1 })));
    expect(await storage.getKeys()).toEqual(keys);
    await storage.clear();
    expect(await storage.getKeys()).toEqual([]);
    await close();
  });
}
