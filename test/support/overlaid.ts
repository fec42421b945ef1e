import type { KVNamespace } from "@kvplug/core/seam";

/** A namespace of which some methods are others. */
export function overlaid(kv: KVNamespace<any>, methods: { [Name in keyof KVNamespace]?: unknown }): KVNamespace {
  return {
    get: kv.get.bind(kv),
    getWithMetadata: kv.getWithMetadata.bind(kv),
    put: kv.put.bind(kv),
    delete: kv.delete.bind(kv),
    list: kv.list.bind(kv),
    ...methods,
  } as KVNamespace;
}
