/** What blocks of the documentation import that only `pnpm test:frameworks` installs, where it is built and run. */
declare module "@nestjs/cache-manager" {
  export const CacheModule: { register(options: object): object };
}
declare module "@nestjs/common" {
  export function Module(metadata: { imports: object[] }): ClassDecorator;
}

/** Nitro 2, 3, and the beta of the one after that. */
declare module "nitropack/config" {
  export function defineNitroConfig(config: object): unknown;
}
declare module "nitro/config" {
  export function defineNitroConfig(config: object): unknown;
  export function defineConfig(config: object): unknown;
}
declare module "nitro/runtime" {
  export function defineCachedHandler(handler: () => unknown, options: { maxAge: number }): unknown;
}
declare module "nitro/cache" {
  export function defineCachedHandler(handler: () => unknown, options: { maxAge: number }): unknown;
}

declare module "next/cache" {
  export function unstable_cache<Result>(
    make: () => Promise<Result>,
    key: string[],
    options: { tags: string[] },
  ): () => Promise<Result>;
  export function revalidateTag(tag: string | null, how: { expire: number }): void;
}

/** What a Worker imports of its runtime. */
declare module "cloudflare:workers" {
  import type { KVNamespace } from "@cloudflare/workers-types";
  export const env: { KV: KVNamespace };
}

declare module "@jest/globals" {
  export const afterEach: (run: () => void) => void;
  export const test: (name: string, run: () => Promise<void>) => void;
  export const expect: (value: unknown) => { toEqual(value: unknown): void; toBeUndefined(): void };
  export const jest: {
    useFakeTimers(options: { doNotFake: string[] }): void;
    advanceTimersByTime(time: number): void;
    useRealTimers(): void;
  };
}
