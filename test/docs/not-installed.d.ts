/** What blocks of the documentation import that only `pnpm test:frameworks` installs, where it is built and run. */
declare module "@nestjs/cache-manager" {
  export const CacheModule: { register(options: object): unknown };
}

/** What a Worker imports of its runtime. */
declare module "cloudflare:workers" {
  import type { KVNamespace } from "@cloudflare/workers-types";
  export const env: { KV: KVNamespace };
}
