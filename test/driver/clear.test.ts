import { KVBulkError } from "@kvplug/core";
import { expect, test } from "vitest";
import { errorOf } from "../support/errors.ts";
import { listAll } from "../support/namespace.ts";
import { refusal } from "../support/wire.ts";
import { useWiredRest } from "../support/wired-rest.ts";

const rest = useWiredRest();

async function names(): Promise<string[]> {
  return (await listAll(rest.server.kv("test"))).map(({ name }) => name);
}

test.each([
  ["once", 1],
  ["each time", Number.POSITIVE_INFINITY],
])("clear() beside a delete that the API refuses %s deletes all others", async (_, times) => {
  await rest.kv.putMany(["a", "b", "stays", "z"].map((key) => ({ key, value: "1" })));
  let refused = 0;
  rest.wire.instead = ({ method, route, body }) => {
    const isAbout =
      (method === "DELETE" && route === "values/stays") || (route === "bulk/delete" && body?.includes("stays"));
    return isAbout && refused++ < times ? refusal() : undefined;
  };
  rest.wire.hold();
  const deleted = errorOf(rest.kv.delete("stays"));
  await rest.sent(2);
  const cleared = rest.kv.clear().catch((error: unknown) => error);
  rest.wire.release();
  expect(await deleted).toMatchObject({ key: "stays" });
  if (times === 1) {
    expect(await cleared).toBe(3);
    expect(await names()).toEqual([]);
    return;
  }
  expect(await cleared).toBeInstanceOf(KVBulkError);
  expect(await cleared).toMatchObject({
    code: "KV_BULK",
    keys: ["stays"],
    message: expect.stringMatching(/^clear could not delete 1 key, and all others are deleted\. The first failure: /),
  });
  expect(await names()).toEqual(["stays"]);
});

test("clear() ends with the first of its deletes in an outage", async () => {
  await rest.kv.putMany(Array.from({ length: 25_000 }, (_, i) => ({ key: `key ${i}`, value: "" })));
  const kv = rest.open({ retry: false });
  rest.wire.instead = ({ route }) => (route === "bulk/delete" ? refusal(500) : undefined);
  expect(await errorOf(kv.clear())).toMatchObject({ name: "KVError", code: "KV_API", httpStatus: 500 });
  expect(rest.wire.sent.filter(({ route }) => route === "bulk/delete")).toHaveLength(1);
  await kv.close();
});

test("clear() names no key that it has deleted after all", async () => {
  await rest.kv.putMany(["a", "z"].map((key) => ({ key, value: "1" })));
  const kv = rest.open({ retry: false });
  let refused = 0;
  rest.wire.instead = ({ method, keys }) =>
    method !== "GET" && keys.includes("a") && refused++ < 1 ? refusal() : undefined;
  const deleted = errorOf(kv.delete("a"));
  expect(await kv.clear()).toBe(2);
  expect(await deleted).toMatchObject({ key: "a" });
  expect(await names()).toEqual([]);
  await kv.close();
});

test("clear() names what is left, and nothing that it deleted after a refusal", async () => {
  await rest.kv.putMany(["a", "b"].map((key) => ({ key, value: "1" })));
  let refused = 0;
  rest.wire.instead = (sent) => {
    if (sent.method === "GET") return undefined;
    if (sent.keys.length === 1) return sent.keys[0] === "b" || refused++ === 0 ? refusal() : undefined;
    return refusal();
  };
  const deleted = errorOf(rest.kv.delete("a"));
  expect(await rest.kv.clear().catch((error: unknown) => error)).toMatchObject({ code: "KV_BULK", keys: ["b"] });
  await deleted;
  expect(await names()).toEqual(["b"]);
});

test("clear() rejects with the caller's reason, of whatever kind", async () => {
  await rest.kv.putMany(["a", "b"].map((key) => ({ key, value: "1" })));
  const controller = new AbortController();
  const reason = new KVBulkError("theirs", new Map([["x", new Error("theirs")]]));
  rest.wire.instead = ({ route }) => {
    if (route === "bulk/delete") controller.abort(reason);
    return undefined;
  };
  await expect(rest.kv.clear({ signal: controller.signal })).rejects.toBe(reason);
});

test("clear() says that its deadline passed, also where a key was refused", async () => {
  await rest.kv.putMany(["a", "z"].map((key) => ({ key, value: "1" })));
  rest.wire.instead = (sent) => (sent.method !== "GET" && sent.keys.includes("a") ? refusal() : undefined);
  const controller = new AbortController();
  const put = errorOf(rest.kv.put("z", new ReadableStream(), { signal: controller.signal }));
  await expect(rest.kv.clear({ deadline: 300 })).rejects.toMatchObject({ code: "KV_TIMEOUT" });
  controller.abort(new Error("enough"));
  expect(await put).toMatchObject({ message: "enough" });
});
