/** What a block of the documentation may take as given: what its framework imports by itself. */
import type { Storage } from "unstorage";

declare global {
  function defineNuxtConfig(config: { compatibilityDate?: string; nitro?: object }): unknown;
  function defineNitroPlugin(plugin: () => void): unknown;
  function defineCachedEventHandler(handler: () => unknown, options: { maxAge: number }): unknown;
  function useRuntimeConfig(): Record<string, string>;
  function useStorage(): Storage;
}

// What JavaScript need not say.
declare module "fastify" {
  interface Session {
    views?: number;
  }
}
