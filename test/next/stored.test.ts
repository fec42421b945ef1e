import { afterEach, beforeEach, expect, test, vi, type Mock } from "vitest";
import { eventually } from "../support/eventually.ts";
import { listAll } from "../support/namespace.ts";
import { accountOf, useRest } from "../support/rest.ts";
import { data, openInstance, page, result, type Instance } from "./instances.ts";

const rest = useRest();
const open = (): Instance =>
  openInstance({ kv: { ...accountOf(rest.server), namespaceId: rest.server.namespaces[0]!.id } });

let lines: Mock;
beforeEach(() => {
  lines = vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => lines.mockRestore());

test("every key expires, whatever Next says of it", async () => {
  const { responses, results } = open();
  const before = Math.floor(Date.now() / 1000);
  await responses.set("/ever", page("ever"), { cacheControl: { revalidate: false } });
  await responses.set("/brief", page("brief"), { cacheControl: { revalidate: 1, expire: 10 } });
  await responses.set("key", data("data"), { fetchCache: true, tags: [] });
  await results.set("use", result("hello", { expire: 7200 }));
  await responses.revalidateTag("tag");
  const all = await eventually(async () => {
    const found = await listAll(rest.server.kv("test"));
    expect(found).toHaveLength(5);
    return found;
  });
  const after = Math.floor(Date.now() / 1000);
  const lives: Record<string, number> = {
    "next:fetch:key": 86_400,
    "next:page:build-1:/brief": 60,
    "next:page:build-1:/ever": 30 * 86_400,
    "next:tag:tag": 31 * 86_400,
    "next:use:use": 7_200,
  };
  expect(all.map(({ name }) => name)).toEqual(Object.keys(lives));
  for (const { name, expiration } of all) {
    expect(expiration! - lives[name]!, name).toBeGreaterThanOrEqual(before);
    expect(expiration! - lives[name]!, name).toBeLessThanOrEqual(after);
  }
});

test.each(["", "no JSON", "null", "[]", "{}", '{"madeAt":1,"doneAt":1}', '{"madeAt":1,"doneAt":1,"value":7,"tags":7}'])(
  "another hand's value is none, and is reported: %s",
  async (value) => {
    const kv = rest.server.kv("test");
    for (const name of ["next:page:build-1:/", "next:fetch:key", "next:use:key"]) await kv.put(name, value);
    const { responses, results } = open();
    expect(await responses.get("/", { kind: "APP_PAGE" })).toBeNull();
    expect(await responses.get("key", { kind: "FETCH", tags: ["a"] })).toBeNull();
    expect(await results.get("key", ["a"])).toBeUndefined();
  },
);
