/** What a block of the documentation may take as given, since its reader has it. */
import type { KVNamespace } from "@cloudflare/workers-types";
import type { Storage } from "unstorage";

declare global {
  const accountId: string;
  const namespaceId: string;
  const apiToken: string;
  /** The bindings of a Worker. */
  const env: { KV: KVNamespace };

  // What Nitro imports by itself.
  function defineNitroConfig(config: { storage?: Record<string, { driver: string }> }): unknown;
  function defineNitroPlugin(plugin: () => void): unknown;
  function useRuntimeConfig(): Record<string, string>;
  function useStorage(): Storage;
}
