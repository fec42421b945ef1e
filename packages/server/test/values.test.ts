import { expect, test } from "vitest";
import { expectError, resultOf, startApi } from "./api.ts";

const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, index) => index);

test.for([
  ["text", "hello", "text/plain"],
  ["no text at all", "", "text/plain"],
  ["bytes", EVERY_BYTE, "application/octet-stream"],
  ["bytes that claim to be a form", "a=1&b=2", "application/x-www-form-urlencoded"],
  ["JSON", `{"a":1}`, "application/json"],
  ["a byte order mark", "\uFEFFx", "text/plain"],
] as const)("%s is stored byte for byte", async ([, value, contentType]) => {
  await using api = await startApi();
  expect(resultOf(await api.ask("PUT", "/values/k", value, { "content-type": contentType }))).toEqual({});
  const answer = await api.ask("GET", "/values/k");
  expect(answer.bytes).toEqual(typeof value === "string" ? new TextEncoder().encode(value) : value);
  expect(answer.headers.get("content-type")).toBe("application/octet-stream");
  expect(answer.headers.get("expiration")).toBeNull();
  expect(answer.headers.get("cf-ray")).toMatch(/^[0-9a-f]{16}-LCL$/);
});

test.for([
  ["a file", (form: FormData) => form.set("value", new Blob([EVERY_BYTE]), "value"), EVERY_BYTE],
  ["a field", (form: FormData) => form.set("value", "zürich"), new TextEncoder().encode("zürich")],
] as const)("a form carries %s and metadata", async ([, fill, expected]) => {
  await using api = await startApi();
  const form = new FormData();
  form.set("metadata", `{"a":[1,null]}`);
  fill(form);
  resultOf(await api.ask("PUT", "/values/k?expiration_ttl=60", form));
  expect((await api.ask("GET", "/values/k")).bytes).toEqual(expected);
  expect(resultOf(await api.ask("GET", "/metadata/k"))).toEqual({ a: [1, null] });
});

test("a field of a form is binary safe, and empty where it is empty", async () => {
  await using api = await startApi();
  for (const value of [EVERY_BYTE, new Uint8Array()]) {
    const head = '--X\r\nContent-Disposition: form-data; name="value"\r\n\r\n';
    const body = Buffer.concat([Buffer.from(head), value, Buffer.from("\r\n--X--\r\n")]);
    resultOf(await api.ask("PUT", "/values/k", body, { "content-type": 'multipart/form-data; boundary="X"' }));
    expect((await api.ask("GET", "/values/k")).bytes).toEqual(value);
  }
});

test("a form that is none, or lacks what it needs, is refused", async () => {
  await using api = await startApi();
  const multipart = { "content-type": "multipart/form-data; boundary=X" };
  expectError(await api.ask("PUT", "/values/k", "rubbish", multipart), 400, 10012, /not multipart/);
  expectError(
    await api.ask("PUT", "/values/k", "rubbish", { "content-type": "multipart/form-data" }),
    400,
    10012,
    /boundary/,
  );
  const form = new FormData();
  form.set("metadata", "{}");
  expectError(await api.ask("PUT", "/values/k", form), 400, 10012, /named value/);
  form.set("value", "v");
  form.set("metadata", "{");
  expectError(await api.ask("PUT", "/values/k", form), 400, 10028, /not JSON/);
  expectError(await api.ask("GET", "/values/k"), 404, 10009);
});

test("a write replaces value, metadata and expiration", async () => {
  await using api = await startApi();
  const form = new FormData();
  form.set("value", "v");
  form.set("metadata", `"m"`);
  resultOf(await api.ask("PUT", "/values/k?expiration_ttl=60", form));
  resultOf(await api.ask("PUT", "/values/k", "w"));
  expect((await api.ask("GET", "/values/k")).headers.get("expiration")).toBeNull();
  expect(resultOf(await api.ask("GET", "/metadata/k"))).toBeNull();
});

test("keys expire to the second, and expiration_ttl wins over expiration", async () => {
  let now = 1_000_000_500;
  await using api = await startApi({ now: () => now });
  resultOf(await api.ask("PUT", "/values/ttl?expiration_ttl=60&expiration=1", "v"));
  resultOf(await api.ask("PUT", "/values/moment?expiration=1000090", "v"));
  expect((await api.ask("GET", "/values/ttl")).headers.get("expiration")).toBe("1000060");
  expect((await api.ask("GET", "/values/moment")).headers.get("expiration")).toBe("1000090");
  expect(resultOf(await api.ask("GET", "/keys"))).toEqual([
    { name: "moment", expiration: 1_000_090 },
    { name: "ttl", expiration: 1_000_060 },
  ]);
  now = 1_000_059_999;
  expect((await api.ask("GET", "/values/ttl")).status).toBe(200);
  now = 1_000_060_000;
  expectError(await api.ask("GET", "/values/ttl"), 404, 10009, "get: 'key not found'");
  expectError(await api.ask("GET", "/metadata/ttl"), 404, 10009);
  expect(resultOf(await api.ask("GET", "/keys"))).toEqual([{ name: "moment", expiration: 1_000_090 }]);
  expect(resultOf(await api.ask("POST", "/bulk/get", { keys: ["ttl"] }))).toEqual({ values: { ttl: null } });
});

test("deleting answers the same whether or not the key was there", async () => {
  await using api = await startApi();
  resultOf(await api.ask("PUT", "/values/k", "v"));
  expect(resultOf(await api.ask("DELETE", "/values/k"))).toEqual({});
  expect(resultOf(await api.ask("DELETE", "/values/k"))).toEqual({});
  expectError(await api.ask("GET", "/values/k"), 404, 10009, "get: 'key not found'");
});

test("a value of 25 MiB arrives, from one piece and from a stream of unknown length", async () => {
  await using api = await startApi();
  const value = new Uint8Array(25 * 1024 * 1024).fill(7);
  resultOf(await api.ask("PUT", "/values/whole", value));
  resultOf(await api.ask("PUT", "/values/stream", new Blob([value]).stream()));
  expect(Buffer.compare((await api.ask("GET", "/values/stream")).bytes, value)).toBe(0);
  expect((await api.server.kv("main").get("whole", "arrayBuffer"))?.byteLength).toBe(value.length);
});
