import type { KVNamespace } from "@kvplug/core";
import { KVSessions } from "@kvplug/session";
import type { KVStore as ExpressStore } from "@kvplug/session/express";
import type { KVStore as FastifyStore } from "@kvplug/session/fastify";
import { KVStore as KoaStore } from "@kvplug/session/koa";
import type { Store } from "express-session";
import { expectTypeOf, it } from "vitest";

it("stores are what their frameworks ask for", () => {
  expectTypeOf<ExpressStore>().toExtend<Store>();
  expectTypeOf<FastifyStore["get"]>().toBeCallableWith("id", (_error: any, _session?: object | null) => undefined);
});

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
