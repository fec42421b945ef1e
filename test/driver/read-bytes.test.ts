import type { KV } from "@kvplug/core";
import { GET_WITH_EXPIRATION, READ_BYTES, type BytesReader, type ExpirationReader } from "@kvplug/core/seam";
import { expect, test } from "vitest";
import { ALL_BYTES } from "../support/bytes.ts";
import { useRest } from "../support/rest.ts";

const rest = useRest();
const kv = (): KV & BytesReader & ExpirationReader => rest.kv as KV & BytesReader & ExpirationReader;
const bytesOf = (value: string | ArrayBuffer | null): Uint8Array =>
  typeof value === "string" ? new TextEncoder().encode(value) : new Uint8Array(value!);
const text = (value: string | ArrayBuffer | null): string => new TextDecoder().decode(bytesOf(value));

test("bytes that may be text share a request with what else is read, and come with their expiration", async () => {
  await rest.server.kv("test").put("a", "a value", { expirationTtl: 3600, metadata: 1 });
  const [a, missing, b] = await Promise.all([
    kv()[READ_BYTES]("a", { metadata: false }),
    kv()[READ_BYTES]("missing", { metadata: false }),
    kv().get("b"),
  ]);
  expect(text(a.value)).toBe("a value");
  expect(a.expiration).toBeGreaterThan(Date.now() / 1000 + 3000);
  expect([missing.value, b]).toEqual([null, null]);
  expect(rest.server.requests.total).toBe(1);
});

test("alone they are read by themselves, and with metadata in one request all the same", async () => {
  await rest.server.kv("test").put("a", "a value", { metadata: 1 });
  expect(text((await kv()[READ_BYTES]("a", { metadata: false })).value)).toBe("a value");
  expect((await kv()[READ_BYTES]("a", { metadata: true })).metadata).toBe(1);
  expect(rest.server.requests.byRoute).toEqual({ "GET /:namespace/values/:key": 1, "POST /:namespace/bulk/get": 1 });
});

test("one that is no text is found among the others, and remembered", async () => {
  const keys = Array.from({ length: 8 }, (_, i) => `${i}`);
  for (const key of keys) await rest.server.kv("test").put(key, key === "3" ? ALL_BYTES.buffer : key);
  const readAll = async (): Promise<number> => {
    rest.server.requests.reset();
    const found = await Promise.all(keys.map((key) => kv()[READ_BYTES](key, { metadata: false })));
    for (const [i, { value }] of found.entries())
      expect(bytesOf(value)).toEqual(i === 3 ? ALL_BYTES : new TextEncoder().encode(String(i)));
    return rest.server.requests.total;
  };
  // All, its half, its quarter, and both of that; three parts hold no such value.
  expect(await readAll()).toBe(7);
  expect(await readAll()).toBe(2);
});

test("what a cache reads comes with its expiration, though it shares a request", async () => {
  for (const key of ["a", "b"]) await rest.server.kv("test").put(key, key, { expirationTtl: 3600 });
  const found = await Promise.all(["a", "b"].map((key) => kv()[GET_WITH_EXPIRATION](key, "arrayBuffer")));
  expect(found.map(({ expiration }) => expiration! > Date.now() / 1000 + 3000)).toEqual([true, true]);
  expect(rest.server.requests.total).toBe(1);
});

test("all who pass a value on get one copy, which no other reader can change", async () => {
  await rest.server.kv("test").put("a", ALL_BYTES.buffer);
  // From now on it is known to be no text.
  await kv()[READ_BYTES]("a", { metadata: true });
  const own = [kv().get("a", "arrayBuffer")];
  const shared = Array.from({ length: 3 }, () => kv()[READ_BYTES]("a", { metadata: false }));
  own.push(kv().get("a", "arrayBuffer"));
  for (const buffer of await Promise.all(own)) new Uint8Array(buffer!).fill(0);
  const [first, ...others] = await Promise.all(shared);
  expect(bytesOf(first!.value)).toEqual(ALL_BYTES);
  for (const other of others) expect(other.value).toBe(first!.value);
});
