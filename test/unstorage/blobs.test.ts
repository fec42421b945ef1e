import type { Storage } from "unstorage";
import { describe, expect, it } from "vitest";
import { grounds, openStorage } from "./support/grounds.ts";

const blob = (text: string): Blob => new Blob([text]);
const textOf = (bytes: unknown): string => new TextDecoder().decode(bytes as Uint8Array);

/** A Worker's binding does calls that are under way together in any order, whatever they are of. */
const ordered = (Object.keys(grounds) as (keyof typeof grounds)[]).filter((name) => name !== "Miniflare's env.KV");

describe.each(ordered)("a Blob over %s", (ground) => {
  async function withStorage(run: (storage: Storage) => Promise<void>): Promise<void> {
    const { kv, close } = await grounds[ground]();
    await run(openStorage({ kv }));
    await close();
  }

  it("is replaced by what is set after it, in one turn", () =>
    withStorage(async (storage) => {
      const calls = ["a", "b"].map((key) => storage.setItemRaw(key, blob("1")));
      calls.push(storage.setItem("a", "2"), storage.setItems([{ key: "b", value: "2" }]));
      calls.push(storage.setItemRaw("c", blob("1")), storage.setItemRaw("c", blob("2")), storage.setItemRaw("d", "1"));
      calls.push(storage.setItemRaw("d", blob("2")));
      await Promise.all(calls);
      for (const key of ["a", "b", "c", "d"]) expect([key, textOf(await storage.getItemRaw(key))]).toEqual([key, "2"]);
    }));

  it("is seen, removed and cleared by what is called after it, in one turn", () =>
    withStorage(async (storage) => {
      const set = storage.setItemRaw("a", blob("1"));
      expect(await storage.getItemRaw("a").then(textOf)).toBe("1");
      await set;
      await Promise.all([storage.setItemRaw("b", blob("1")), storage.removeItem("b")]);
      expect(await storage.getKeys()).toEqual(["a"]);
      await Promise.all([storage.setItemRaw("c", blob("1")), storage.clear()]);
      expect(await storage.getKeys()).toEqual([]);
    }));

  it("that cannot be read fails alone", () =>
    withStorage(async (storage) => {
      const broken = blob("1");
      broken.arrayBuffer = () => Promise.reject(new Error("it was moved"));
      const set = storage.setItemRaw("a", broken);
      const next = storage.setItem("b", "2");
      await expect(set).rejects.toThrow("it was moved");
      await next;
      expect(await storage.getKeys()).toEqual(["b"]);
    }));
});
