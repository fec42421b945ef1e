import createDriver from "@kvplug/unstorage";
import { createStorage as createStorage2 } from "unstorage-2";
import { expect, test } from "vitest";
import { ALL_BYTES, bytesOf } from "../support/bytes.ts";
import { startRest } from "../support/rest.ts";
import { testManyKeys } from "./support/many-keys.ts";
import { describeStorage } from "./support/suite.ts";

test("unstorage 2 hands out values as the types that it is asked for", async () => {
  const { kv, close } = await startRest();
  const storage = createStorage2({ driver: createDriver({ kv }) });
  await storage.setItemRaw("a", ALL_BYTES);
  expect(await storage.getItem("a", { type: "bytes" })).toEqual(ALL_BYTES);
  expect(await bytesOf((await storage.getItem("a", { type: "stream" }))!)).toEqual(ALL_BYTES);
  expect(await (await storage.getItem("a", { type: "blob" }))!.bytes()).toEqual(ALL_BYTES);
  await storage.setItem("b", { n: 1 });
  expect(
    await storage.getItems(["b", { key: "b", options: { type: "text" } }, { key: "a", options: { type: "bytes" } }]),
  ).toEqual([
    { key: "b", value: { n: 1 } },
    { key: "b", value: '{"n":1}' },
    { key: "a", value: ALL_BYTES },
  ]);
  await close();
});

// Each line over each ground, and many keys over each, are in `suite.full.test.ts`.
testManyKeys("the REST driver");
testManyKeys("a cache over the REST driver");
describeStorage("the REST driver", ["unstorage 1", "unstorage 2"]);
describeStorage("a cache over the REST driver", ["unstorage 1"]);
describeStorage("Miniflare's env.KV", ["unstorage 2"]);
describeStorage("the REST driver in front of a gateway", ["unstorage 1"]);
