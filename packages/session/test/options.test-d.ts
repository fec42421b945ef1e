import type { KVNamespace } from "@kvplug/core";
import { KVSessions } from "@kvplug/session";
import { KVStore as KoaStore } from "@kvplug/session/koa";
import { expectTypeOf, it } from "vitest";

it("options are known by their names", () => {
  const kv = {} as KVNamespace;
  expectTypeOf(KVSessions).toBeConstructibleWith(kv, { ttl: 60 });
  expectTypeOf(KoaStore).toBeConstructibleWith({
    accountId: "a",
    ttl: (session: { admin: boolean }) => Number(session.admin),
  });
  // @ts-expect-error: no such option.
  expectTypeOf(KVSessions).toBeConstructibleWith(kv, { tll: 60 });
});
