import { createKV, type KV } from "@kvplug/core";
import type { KVNamespace } from "@kvplug/core/seam";
import { createRoutes, type Namespaces, type StoreNamespace } from "@kvplug/server/routes";

/** The REST driver over the server's routes over any namespace, as it is. */
export function overRoutes(kv: KVNamespace<any>): KV {
  const info = { id: "n", title: "n" };
  const refused = (): never => {
    throw new Error("There is one namespace, and it stays.");
  };
  const namespaces: Namespaces = {
    list: () => [info],
    get: (id) => (id === info.id ? info : undefined),
    create: refused,
    rename: refused,
    delete: refused,
    open: (id) => (id === info.id ? (kv as StoreNamespace) : undefined),
  };
  const app = createRoutes({ namespaces });
  return createKV({
    accountId: "a",
    namespaceId: info.id,
    apiToken: "any",
    writeInterval: 0,
    retry: false,
    fetch: async (input, init) => app.request(input, init),
  });
}
