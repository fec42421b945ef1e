import { createStores } from "@kvplug/cache-manager";
import { kvStore } from "@kvplug/cache-manager/v5";
import { createKeyv, KeyvKV } from "@kvplug/keyv";
import { kvDriver } from "@kvplug/keyv/bentocache";
import { KeyvKV6 } from "@kvplug/keyv/v6";
import { Keyv as Keyv5 } from "keyv";
import { Keyv as Keyv6 } from "keyv6";
import { describe, expect, it } from "vitest";
import { collect } from "../support/collect.ts";
import { errorOf } from "../support/errors.ts";
import { listAll } from "../support/namespace.ts";
import { useRest } from "../support/rest.ts";

/** What a host sets that has no namespace of its own, or an environment variable that is not there. */
const nothings = [{ namespace: undefined }, { namespace: "" }, { namespace: null }];

const keyvs: Record<string, (options: object) => Pick<Keyv6, "get" | "set" | "clear" | "on" | "namespace">> = {
  "Keyv 5": (options) => new Keyv5(options) as any,
  "Keyv 5 without its prefix": (options) => new Keyv5({ ...options, useKeyPrefix: false }) as any,
  "Keyv 6": (options) => new Keyv6(options),
};

describe.each(Object.entries(keyvs))("the adapter's own namespace beneath a %s", (_name, open) => {
  const rest = useRest();
  const names = async (): Promise<unknown[]> => (await listAll(rest.kv)).map(({ name }) => name);

  it.each(nothings)("stays where that is set to nothing: %o", async (nothing) => {
    await rest.kv.put("somebody's", "1");
    const users = open({ store: new KeyvKV(rest.kv, { namespace: "users" }), ...nothing });
    await users.set("a", 1);
    expect(await names()).toEqual(["somebody's", "users::a"]);
    expect(await users.get("a")).toBe(1);
    await users.clear();
    expect(await names()).toEqual(["somebody's"]);
  });

  it("comes back where that is set to nothing later", async () => {
    const users = open({ store: new KeyvKV(rest.kv, { namespace: "users" }), namespace: "other", useKeyPrefix: false });
    users.namespace = undefined;
    await users.set("a", 1);
    expect(await names()).toEqual(["users::a"]);
  });

  it("is none at all: what was set to nothing clears nothing", async () => {
    await rest.kv.put("somebody's", "1");
    const keyv = open({ store: new KeyvKV(rest.kv, { namespace: undefined }) });
    keyv.namespace = undefined;
    const errors: any[] = [];
    keyv.on("error", (error: unknown) => errors.push(error));
    await keyv.set("a", 1);
    expect(await keyv.get("a")).toBe(1);
    await keyv.clear();
    expect(errors).toEqual([
      expect.objectContaining({ code: "KV_INVALID", message: expect.stringContaining("leave the option out") }),
    ]);
    expect(await names()).toHaveLength(2);
  });
});

describe("without a namespace", () => {
  const rest = useRest();

  it("that was set to nothing, Keyv 5 iterates and clears no other's keys", async () => {
    await rest.kv.put("somebody's", '{"value":1}');
    const keyv = new Keyv5({
      store: new KeyvKV(rest.kv, { namespace: "users" }),
      namespace: undefined as any,
      useKeyPrefix: false,
    });
    await keyv.set("a", 1);
    expect(await collect(keyv.iterator!(undefined) as AsyncIterable<unknown>)).toEqual([["a", 1]]);
  });

  it.each(nothings)("as it is given, nothing is cleared: %o", async (nothing) => {
    await rest.kv.put("a", "1", { metadata: {} });
    const calls = [
      () => new KeyvKV(rest.kv, nothing as any).clear(),
      () => new KeyvKV6({ kv: rest.kv, ...(nothing as any) }).clear(),
      () => createKeyv(rest.kv, nothing as any).opts.store.clear(),
      () => createStores(rest.kv, nothing as any)[0].opts.store.clear(),
      () => kvStore(rest.kv, nothing as any).reset(),
      () => kvDriver(rest.kv).factory({ prefix: "" }).clear(),
    ];
    for (const call of calls) expect((await errorOf(Promise.resolve(call()))).code).toBe("KV_INVALID");
    expect(await rest.kv.get("a")).toBe("1");
  });

  it.each(nothings)("as a host sets it to nothing, nothing is cleared: %o", async ({ namespace }: any) => {
    await rest.kv.put("a", "1");
    for (const Adapter of [KeyvKV, KeyvKV6]) {
      const store = new Adapter(rest.kv);
      store.namespace = namespace;
      expect((await errorOf(store.clear())).code).toBe("KV_INVALID");
    }
    expect(await rest.kv.get("a")).toBe("1");
  });

  it("as it is left out, all is cleared", async () => {
    const calls = [
      () => new KeyvKV(rest.kv).clear(),
      () => new KeyvKV6(rest.kv).clear(),
      () => createKeyv(rest.kv).clear(),
      () => createStores(rest.kv)[0].clear(),
      () => kvStore(rest.kv).reset(),
      () => new Keyv6({ store: new KeyvKV(rest.kv) }).clear(),
    ];
    for (const call of calls) {
      await rest.kv.put("a", "1");
      await call();
      expect(await listAll(rest.kv)).toEqual([]);
    }
  });

  it("of its own, an adapter keeps that of createKeyv", async () => {
    const keyv = createKeyv(rest.kv, { namespace: "users" });
    await keyv.set("a", 1);
    expect(await collect(keyv.iterator!(undefined) as AsyncIterable<unknown>)).toEqual([["a", 1]]);
    const bare = createKeyv(rest.kv);
    await bare.set("b", 1);
    expect((await listAll(rest.kv)).map(({ name }) => name)).toEqual(["b", "users::a"]);
    const errors: unknown[] = [];
    bare.on("error", (error) => errors.push(error));
    (bare.opts.store as unknown as KeyvKV).emit("error", new Error("told on"));
    expect(errors).toHaveLength(1);
  });
});
