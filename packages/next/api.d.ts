// index.d.ts

export { configureKV } from "./shared.ts";
export type { NextKVOptions } from "./options.ts";
export { seed, type SeedOptions } from "./seed.ts";
export { withKV, type WithKVOptions } from "./with-kv.ts";

// shared.d.ts

import { NextKV } from "./next-kv.ts";
import { type NextKVOptions } from "./options.ts";
export declare function configureKV(options: NextKVOptions): void;
export declare function openNextKV(): NextKV | undefined;

// options.d.ts

import type { CacheBus } from "@kvplug/cache";
import type { KVOptions } from "@kvplug/core";
import { type KVNamespace, type Milliseconds } from "@kvplug/core/seam";
export interface NextKVOptions {
    kv?: KVNamespace<any> | KVOptions;
    prefix?: string;
    deadline?: Milliseconds;
    ttl?: Milliseconds;
    tagTtl?: Milliseconds;
    maxBytes?: number;
    bus?: CacheBus;
}
export interface NextKVSettings extends Required<Omit<NextKVOptions, "bus">> {
    readonly bus: CacheBus | undefined;
}
export declare function settingsOf(options: NextKVOptions): NextKVSettings;
export declare function isWanted(dev: boolean): boolean;

// seed.d.ts

export interface SeedOptions {
    distDir?: string;
}
export declare function seed(options?: SeedOptions): Promise<number>;

// with-kv.d.ts

export interface WithKVOptions {
    useCache?: boolean;
    images?: boolean;
}
export declare function withKV<Given extends object>(config: Given, options?: WithKVOptions): Given;

// cache-handler.d.ts

import type { GetContext, HandlerContext, HandlerValue, ResponseHandler } from "./next-contract.ts";
export default class KVCacheHandler implements ResponseHandler {
    #private;
    constructor(context: HandlerContext);
    get(key: string, context: GetContext): Promise<HandlerValue | null>;
    set(...call: Parameters<ResponseHandler["set"]>): Promise<void>;
    revalidateTag(...call: Parameters<ResponseHandler["revalidateTag"]>): Promise<void>;
    resetRequestCache(): void;
}

// use-cache.d.ts

import type { ResultHandler } from "./next-contract.ts";
declare const handler: ResultHandler;
export default handler;
