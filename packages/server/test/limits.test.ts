import { afterAll, beforeAll, expect, test } from "vitest";
import { expectError, resultOf, startApi } from "./api.ts";
import type { Api } from "./api.ts";

const NOW_SECONDS = 1_000_000;
const LONG = "k".repeat(513);

let api: Api;
beforeAll(async () => {
  api = await startApi({ now: () => NOW_SECONDS * 1000 });
});
afterAll(() => api.server.close());

test.for<[string, string, number, number, RegExp]>([
  ["no key", "/values/", 400, 10023, /at least 1 byte/],
  ["a key of 513 bytes", `/values/${LONG}`, 414, 10023, /512 .* 513/],
  [
    "a key of 513 bytes in fewer characters",
    `/values/${encodeURIComponent(`${"é".repeat(256)}x`)}`,
    414,
    10023,
    /512 .* 513/,
  ],
  ["half an escape", "/values/%4", 400, 10023, /percent-encoding/],
  ["an escape that is no UTF-8", "/values/%ff", 400, 10023, /percent-encoding/],
  ["a lone surrogate", "/values/%ED%A0%80", 400, 10023, /percent-encoding/],
  ["a TTL of 59", "/values/k?expiration_ttl=59", 400, 10012, /expiration_ttl .* 60 seconds.*"k" is 59/],
  ["a TTL of 0", "/values/k?expiration_ttl=0", 400, 10012, /60 seconds.* 0\./],
  ["a negative TTL", "/values/k?expiration_ttl=-60", 400, 10012, /-60/],
  ["a fractional TTL", "/values/k?expiration_ttl=60.5", 400, 10012, /whole number.*60\.5/],
  ["a TTL that is no number", "/values/k?expiration_ttl=NaN", 400, 10012, /whole number/],
  ["an empty TTL", "/values/k?expiration_ttl=", 400, 10012, /whole number/],
  [
    "an expiration in the past",
    `/values/k?expiration=${NOW_SECONDS - 5}`,
    400,
    10012,
    /expiration .* 60 seconds.*5 s in the past/,
  ],
  ["an expiration too soon", `/values/k?expiration=${NOW_SECONDS + 59}`, 400, 10012, /59 s ahead/],
  ["an expiration in milliseconds", `/values/k?expiration=${Date.UTC(2030, 0)}`, 400, 10012, /milliseconds/],
])("a write with %s is refused", async ([, path, status, code, message]) => {
  expectError(await api.ask("PUT", path, "v"), status, code, message);
  expect(resultOf(await api.ask("GET", "/keys"))).toEqual([]);
});

test.for<[string, object, number, number, RegExp]>([
  ["no key", { key: "", value: "" }, 400, 10023, /at least 1 byte/],
  ["the key .", { key: ".", value: "" }, 400, 10023, /"\."/],
  ["the key ..", { key: "..", value: "" }, 400, 10023, /"\.\."/],
  ["a key that is a number", { key: 7, value: "" }, 400, 10023, /string, not 7/],
  ["a lone surrogate in a key", { key: "\uD800", value: "" }, 400, 10023, /surrogate/],
  ["a key of 513 bytes", { key: LONG, value: "" }, 414, 10023, /512 .* 513/],
  ["a value that is no string", { key: "k", value: 7 }, 400, 10012, /"k" must be a string/],
  ["no value", { key: "k" }, 400, 10012, /"k" must be a string/],
  ["a lone surrogate in a value", { key: "k", value: "\uD800" }, 400, 10012, /"k" .*surrogate/],
  [
    "a value of 25 MiB and a byte",
    { key: "k", value: "v".repeat(26_214_401) },
    413,
    10012,
    /26214400 .*"k" has 26214401/,
  ],
  ["what is no base64", { key: "k", value: "*", base64: true }, 400, 10012, /"k" is not base64/],
  ["base64 that is no boolean", { key: "k", value: "", base64: "yes" }, 400, 10012, /base64 of "k"/],
  ["1,025 bytes of metadata", { key: "k", value: "", metadata: "m".repeat(1023) }, 413, 10028, /1024 .*"k" has 1025/],
  [
    "a lone surrogate in metadata",
    { key: "k", value: "", metadata: { "\uDFFF": "\\ud800" } },
    400,
    10028,
    /metadata of "k" contains a lone surrogate/,
  ],
  ["a TTL of 59", { key: "k", value: "", expiration_ttl: 59 }, 400, 10012, /expiration_ttl .*"k" is 59/],
  ["a TTL that is text", { key: "k", value: "", expiration_ttl: "60" }, 400, 10012, /expiration_ttl of "k"/],
  ["an expiration in the past", { key: "k", value: "", expiration: 1 }, 400, 10012, /in the past/],
])("a bulk write with %s is refused, and nothing of it is written", async ([, pair, status, code, message]) => {
  expectError(await api.ask("PUT", "/bulk", [{ key: "good", value: "" }, pair]), status, code, message);
  expect(resultOf(await api.ask("GET", "/keys"))).toEqual([]);
});

test("what is just within the limits is stored", async () => {
  await using own = await startApi({ now: () => NOW_SECONDS * 1000 });
  const longest = `${"é".repeat(255)}xx`;
  const pair = { key: longest, value: "", metadata: "m".repeat(1022), expiration: NOW_SECONDS + 60 };
  resultOf(await own.ask("PUT", "/bulk", [pair]));
  resultOf(await own.ask("PUT", `/values/${encodeURIComponent(longest)}?expiration_ttl=60`, "v"));
  expect(resultOf(await own.ask("GET", "/keys"))).toEqual([{ name: longest, expiration: NOW_SECONDS + 60 }]);
});

test("a value of 25 MiB and a byte is refused in each form", async () => {
  const value = new Uint8Array(26_214_401);
  const refused = /26214400 bytes \(25 MiB\).*"k" has 26214401/;
  expectError(await api.ask("PUT", "/values/k", value), 413, 10012, refused);
  expectError(await api.ask("PUT", "/values/k", new Blob([value]).stream()), 413, 10012, refused);
  const form = new FormData();
  form.set("value", new Blob([value]));
  expectError(await api.ask("PUT", "/values/k", form), 413, 10012, refused);
});

test("metadata of a form is limited", async () => {
  const form = new FormData();
  form.set("value", "v");
  form.set("metadata", JSON.stringify("m".repeat(1023)));
  expectError(await api.ask("PUT", "/values/k", form), 413, 10028, /1024 .*"k" has 1025/);
  form.set("metadata", JSON.stringify("m".repeat(20_000)));
  expectError(await api.ask("PUT", "/values/k", form), 413, 10028, /1024 .* 20002/);
});

test("bulk requests are limited in keys and in bytes", async () => {
  const keys = Array.from({ length: 10_001 }, (_, index) => `k${index}`);
  const pairs = keys.map((key) => ({ key, value: "" }));
  expectError(await api.ask("PUT", "/bulk", pairs), 400, 10027, /10000 pairs.* 10001/);
  expectError(await api.ask("POST", "/bulk/delete", keys), 400, 10027, /10000 keys.* 10001/);
  expectError(await api.ask("DELETE", "/bulk", keys), 400, 10027, /10000 keys.* 10001/);
  expectError(await api.ask("POST", "/bulk/get", { keys: keys.slice(0, 101) }), 400, 10027, /100 keys.* 101/);
  expectError(await api.ask("PUT", "/bulk", new Uint8Array(100_000_001)), 413, 10012, /100000000 .* 100000001/);
});

test("bodies that are not what they should be are refused", async () => {
  for (const body of ["", "{", Uint8Array.of(0x22, 0xff, 0x22)])
    expectError(await api.ask("PUT", "/bulk", body), 400, 10012, /not JSON/);
  for (const body of ["{}", "null", '"x"']) {
    expectError(await api.ask("PUT", "/bulk", body), 400, 10012, /array of pairs/);
    expectError(await api.ask("POST", "/bulk/delete", body), 400, 10012, /array of keys/);
    expectError(await api.ask("POST", "/bulk/get", body), 400, 10012, /array of keys/);
  }
  expectError(await api.ask("PUT", "/bulk", [null]), 400, 10012, /Entry 0/);
  expectError(await api.ask("POST", "/bulk/delete", ["ok", ".."]), 400, 10023, /"\.\."/);
  expectError(await api.ask("POST", "/bulk/get", { keys: [LONG] }), 414, 10023, /513/);
  expectError(await api.ask("POST", "/bulk/get", { keys: ["k"], type: "stream" }), 400, 10012, /text or json/);
  expectError(await api.ask("POST", "/bulk/get", { keys: ["k"], withMetadata: 1 }), 400, 10012, /withMetadata/);
});

test("what was asked for wrongly is told in few words, however long it is", async () => {
  await using api = await startApi();
  const long = "x".repeat(5_000);
  // Parsed, it cannot be written as JSON again.
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  for (const answer of [
    await api.ask("GET", `/keys?limit=${long}`),
    await api.ask("GET", `?order=${long}`),
    await api.ask("POST", "/bulk/get", { keys: ["k"], type: long }),
    await api.ask("POST", "/bulk/get", { keys: ["k"], withMetadata: long }),
    await api.ask("POST", "/bulk/get", `{"keys":["k"],"type":${deep}}`),
    await api.ask("POST", "/bulk/get", `{"keys":["k"],"withMetadata":${deep}}`),
    await api.ask("POST", "/bulk/get", { keys: ["k"], type: { constructor: { name: long } } }),
    await api.ask("PUT", "/bulk", `[{"key":"k","value":"1","metadata":${deep}}]`),
  ]) {
    expect([answer.status, answer.text.length < 300]).toEqual([400, true]);
  }
});

test("metadata may hold the text of an escape, and pairs of surrogates", async () => {
  await using own = await startApi();
  const metadata = { text: "\\ud800", more: "\\\\udfff", "😀": "\u0000" };
  resultOf(await own.ask("PUT", "/bulk", [{ key: "k", value: "", metadata }]));
  expect(resultOf(await own.ask("GET", "/metadata/k"))).toEqual(metadata);
});

test("a title with a lone surrogate is refused", async () => {
  for (const [method, path] of [
    ["POST", ""],
    ["PUT", "main-id"],
  ] as const) {
    expectError(await api.ask(method, path, { title: "a\uD800" }), 400, 10019, /lone surrogate/);
  }
});
