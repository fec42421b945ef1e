import { expect, test } from "vitest";
import { openKV } from "@kvplug/server";
import { expectError, resultOf, startApi } from "./api.ts";

test("keys are listed in the order of their bytes, with metadata and expiration", async () => {
  await using api = await startApi();
  const kv = api.server.kv("main");
  // By UTF-16 units, the emoji would come before the last one.
  const names = ["!", "B", "a", "a\u0000", "a/b", "ä", "\uFFFD", "😀"];
  for (const name of names.toReversed()) await kv.put(name, "v", { metadata: { name } });
  const page = await api.ask("GET", "/keys");
  expect(resultOf(page)).toEqual(names.map((name) => ({ name, metadata: { name } })));
  expect(page.body.result_info).toEqual({ count: names.length, cursor: "" });
});

test("a listing goes on where the cursor says, though keys come and go", async () => {
  await using api = await startApi();
  const kv = api.server.kv("main");
  for (let index = 0; index < 25; index++) await kv.put(`k${String(index).padStart(2, "0")}`, "");
  const first = await api.ask("GET", "/keys?limit=10");
  expect(first.body.result_info).toEqual({ count: 10, cursor: expect.stringMatching(/^[\w-]+$/) });
  await kv.delete("k09");
  await kv.put("k09a", "");
  const second = await api.ask("GET", `/keys?limit=10&cursor=${first.body.result_info.cursor}`);
  expect(second.body.result.map(({ name }: any) => name).slice(0, 2)).toEqual(["k09a", "k10"]);
  const third = await api.ask("GET", `/keys?limit=10&cursor=${second.body.result_info.cursor}`);
  expect(third.body.result_info).toEqual({ count: 6, cursor: "" });
});

test("a page that ends exactly with the last key has no cursor", async () => {
  await using api = await startApi();
  for (let index = 0; index < 10; index++) await api.server.kv("main").put(`k${index}`, "");
  expect((await api.ask("GET", "/keys?limit=10")).body.result_info).toEqual({ count: 10, cursor: "" });
});

test.for(["", "user:", "%", "_", "ä", "😀", "a\u0000", "\u{10FFFF}"])(
  "the prefix %j finds what begins with it",
  async (prefix) => {
    await using kv = openKV();
    const names = [
      "user",
      "user:1",
      "user;",
      "%",
      "%x",
      "_",
      "x",
      "ä",
      "ä1",
      "ã",
      "😀",
      "😀1",
      "a",
      "a\u0000b",
      "\u{10FFFF}x",
    ];
    for (const name of names) await kv.put(name, "");
    const { keys } = await kv.list({ prefix });
    const expected = names.filter((name) => name.startsWith(prefix));
    expect(keys.map(({ name }) => name).toSorted()).toEqual(expected.toSorted());
  },
);

test("limits, cursors and prefixes that cannot be are refused", async () => {
  await using api = await startApi();
  for (const limit of ["9", "1001", "0", "x", "10.5", ""]) {
    expectError(await api.ask("GET", `/keys?limit=${limit}`), 400, 10012, /limit .* 10 to 1000/);
  }
  for (const cursor of ["x", "%F0%9F%98%80", "a3Yx", "a3YxOmE="]) {
    expectError(await api.ask("GET", `/keys?cursor=${cursor}`), 400, 10012, /cursor/);
  }
  for (let index = 0; index < 11; index++) await api.server.kv("main").put(`k${index}`, "");
  const { cursor } = (await api.ask("GET", "/keys?limit=10&prefix=k")).body.result_info;
  expectError(await api.ask("GET", `/keys?prefix=other&cursor=${cursor}`), 400, 10012, /another prefix/);
});
