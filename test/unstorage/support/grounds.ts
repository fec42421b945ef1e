import { withCache } from "@kvplug/cache";
import type { KVNamespace } from "@kvplug/core/seam";
import createDriver, { type KVStorageDriver, type KVStorageOptions } from "@kvplug/unstorage";
import { createStorage as createStorage1, type Storage } from "unstorage";
import { createStorage as createStorage2 } from "unstorage-2";
import { openGateway } from "../../support/gateway.ts";
import { openMiniflare } from "../../support/miniflare.ts";
import { startRest } from "../../support/rest.ts";

/** What the driver may stand on, by name. */
export type Ground =
  | "the REST driver"
  | "a cache over the REST driver"
  | "Miniflare's env.KV"
  | "the REST driver in front of a gateway";

/** The lines of unstorage, by name. */
export type Line = "unstorage 1" | "unstorage 2";

/** What the driver may stand on, each by its name. */
export const grounds: Record<Ground, () => Promise<{ kv: KVNamespace<any>; close(): Promise<void> }>> = {
  "the REST driver": () => startRest(),
  "a cache over the REST driver": async () => {
    const { kv, close } = await startRest();
    return { kv: withCache(kv, { max: 10_000, deadline: Infinity }), close };
  },
  "Miniflare's env.KV": openMiniflare,
  "the REST driver in front of a gateway": openGateway,
};

/** A storage of either line, as far as a program uses it. */
export type AnyStorage = Storage;

/** Both lines of unstorage, by name. */
export const lines: Record<Line, (driver: KVStorageDriver) => AnyStorage> = {
  "unstorage 1": (driver) => createStorage1({ driver }),
  "unstorage 2": (driver) => createStorage2({ driver }) as AnyStorage,
};

/** A storage of unstorage 1. */
export function openStorage(options: KVStorageOptions): AnyStorage {
  return createStorage1({ driver: createDriver(options) });
}
