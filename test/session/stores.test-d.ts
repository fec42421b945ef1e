import type { FastifySessionOptions } from "@fastify/session";
import type { KVStore as ExpressStore } from "@kvplug/session/express";
import type { KVStore as FastifyStore } from "@kvplug/session/fastify";
import type { KVStore as KoaStore } from "@kvplug/session/koa";
import type { SessionOptions as ExpressOptions, Store } from "express-session";
import type { CreateSessionOptions as KoaOptions } from "koa-session";
import { expectTypeOf, test } from "vitest";

type FastifySessionStore = NonNullable<FastifySessionOptions["store"]>;
type KoaExternalStore = NonNullable<KoaOptions["store"]>;

test("each store is what its framework asks for", () => {
  expectTypeOf<ExpressStore>().toExtend<Store>();
  expectTypeOf<ExpressStore>().toExtend<NonNullable<ExpressOptions["store"]>>();
  expectTypeOf<FastifyStore>().toExtend<FastifySessionStore>();
  expectTypeOf<KoaStore>().toExtend<KoaExternalStore>();
});

test("Koa's is none of the others'", () => {
  expectTypeOf<KoaStore>().not.toExtend<FastifySessionStore>();
  expectTypeOf<KoaStore>().not.toExtend<Store>();
});

test("callbacks are known by their types, and may be left out", () => {
  expectTypeOf<FastifyStore["get"]>().toBeCallableWith("id", (_error: any, _session?: object | null) => undefined);
  expectTypeOf<FastifyStore["get"]>().toBeCallableWith("id");
  expectTypeOf<KoaStore["destroy"]>().returns.resolves.toBeVoid();
});
