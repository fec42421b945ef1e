import type { KVNamespace as CloudflareKV, ReadableStream as CloudflareStream } from "@cloudflare/workers-types";
import { createClient, createKV, type KV, type KVClient, type KVListEntry } from "@kvplug/core";
import type { KVEntry, KVListResult, KVNamespace } from "@kvplug/core/seam";
import { openKV, type EmbeddedKV, type RunningServer } from "@kvplug/server";
import { describe, expectTypeOf, test } from "vitest";

declare const cloudflare: CloudflareKV;
declare const kv: KV;
declare const embedded: EmbeddedKV;
declare const server: RunningServer;

interface User {
  name: string;
}
interface Label {
  seen: number;
}

describe("what implements the seam passes for Cloudflare's own", () => {
  test("the REST driver", () => {
    expectTypeOf<KV>().toExtend<CloudflareKV>();
    expectTypeOf(createKV).returns.toExtend<CloudflareKV>();
    expectTypeOf<ReturnType<KVClient["kv"]>>().toExtend<CloudflareKV>();
    const env: { KV: CloudflareKV } = { KV: createClient().kv("id") };
    expectTypeOf(env.KV.get("a")).resolves.toEqualTypeOf<string | null>();
  });

  test("the embedded store, and the server's", () => {
    expectTypeOf<EmbeddedKV>().toExtend<CloudflareKV>();
    expectTypeOf(openKV).returns.toExtend<CloudflareKV>();
    expectTypeOf(server.kv("cache")).toExtend<CloudflareKV>();
  });

  test("and Cloudflare's own, like each of them, for the seam", () => {
    expectTypeOf<CloudflareKV>().toExtend<KVNamespace>();
    expectTypeOf<KV>().toExtend<KVNamespace>();
    expectTypeOf<EmbeddedKV>().toExtend<KVNamespace>();
    const all: KVNamespace[] = [cloudflare, kv, embedded, server.kv("cache")];
    expectTypeOf(all).items.toEqualTypeOf<KVNamespace>();
  });
});

describe("the results of each call", () => {
  test("get", () => {
    expectTypeOf(kv.get("a")).resolves.toEqualTypeOf<string | null>();
    expectTypeOf(kv.get("a", {})).resolves.toEqualTypeOf<string | null>();
    expectTypeOf(kv.get("a", "text")).resolves.toEqualTypeOf<string | null>();
    expectTypeOf(kv.get<User>("a", "json")).resolves.toEqualTypeOf<User | null>();
    expectTypeOf(kv.get("a", "json")).resolves.toBeUnknown();
    expectTypeOf(kv.get("a", { type: "arrayBuffer" })).resolves.toEqualTypeOf<ArrayBuffer | null>();
    expectTypeOf(kv.get("a", "stream")).resolves.exclude(null).toExtend<ReadableStream>();
    expectTypeOf(kv.get("a", "stream")).resolves.exclude(null).toExtend<CloudflareStream>();
  });

  test("get(keys)", () => {
    expectTypeOf(kv.get(["a"])).resolves.toEqualTypeOf<Map<string, string | null>>();
    expectTypeOf(kv.get<User>(["a"], "json")).resolves.toEqualTypeOf<Map<string, User | null>>();
    expectTypeOf(kv.getWithMetadata<Label>(["a"])).resolves.toEqualTypeOf<Map<string, KVEntry<string, Label>>>();
  });

  test("getWithMetadata", () => {
    expectTypeOf(kv.getWithMetadata<User, Label>("a", "json")).resolves.toEqualTypeOf<KVEntry<User, Label>>();
    expectTypeOf<KVEntry<User, Label>>().toHaveProperty("value").toEqualTypeOf<User | null>();
    expectTypeOf<KVEntry<User, Label>>().toHaveProperty("metadata").toEqualTypeOf<Label | null>();
    expectTypeOf<KVEntry<User, Label>>().toHaveProperty("expiration").toEqualTypeOf<number | undefined>();
  });

  test("list tells a cursor where there is more", () => {
    expectTypeOf(kv.list<Label>()).resolves.toEqualTypeOf<KVListResult<Label>>();
    const cursorOf = (page: KVListResult): string | undefined => (page.list_complete ? undefined : page.cursor);
    expectTypeOf(cursorOf).returns.toEqualTypeOf<string | undefined>();
  });

  test("what the driver has beyond the seam", () => {
    expectTypeOf(kv.getMetadata<Label>("a")).resolves.toEqualTypeOf<Label | null>();
    expectTypeOf(kv.clear()).resolves.toBeNumber();
    const users = kv.entries<User, Label>({ type: "json" });
    expectTypeOf(users).toEqualTypeOf<AsyncIterableIterator<KVListEntry<User, Label>>>();
    expectTypeOf(kv).toExtend<AsyncDisposable>();
  });
});

describe("what cannot be does not compile", () => {
  test("options", () => {
    // @ts-expect-error: KV says expirationTtl
    void kv.put("a", "1", { ttl: 60 });
    // @ts-expect-error: seconds, not a Date
    void kv.put("a", "1", { expiration: new Date() });
    // @ts-expect-error: a number, not text
    void kv.put("a", "1", { expirationTtl: "60" });
    // @ts-expect-error
    void kv.get("a", { typ: "json" });
    // @ts-expect-error
    void kv.get("a", "blob");
    // @ts-expect-error
    void kv.list({ limt: 10 });
    // @ts-expect-error
    void kv.keys({ limit: 10 });
    // @ts-expect-error: what was forgotten is the name, not the value
    void createKV({ token: "x" });
    // @ts-expect-error: a client has many namespaces
    void createClient({ namespaceId: "x" });
    // @ts-expect-error
    void createKV({ retry: { tries: 3 } });
    // @ts-expect-error: either false or how
    void createKV({ retry: true });
    // @ts-expect-error
    void openKV({ path: "x" });
  });

  test("arguments", () => {
    // @ts-expect-error: text, bytes or a stream
    void kv.put("a", { name: "Ada" });
    // @ts-expect-error
    void kv.put("a", 1);
    // @ts-expect-error
    void kv.put("a");
    // @ts-expect-error
    void kv.get(1);
    // @ts-expect-error: many values come as text or JSON
    void kv.get(["a"], "arrayBuffer");
    // @ts-expect-error
    void kv.get(["a"], "stream");
    // @ts-expect-error: a stream goes alone
    void kv.putMany([{ key: "a", value: new ReadableStream() }]);
    // @ts-expect-error
    void kv.putMany([{ name: "a", value: "1" }]);
    // @ts-expect-error
    void kv.deleteMany([1]);
    // @ts-expect-error
    void kv.entries({ type: "stream" });
  });
});
