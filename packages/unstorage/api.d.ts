// index.d.ts

export { createDriver, createDriver as default, type KVStorageDriver } from "./driver.ts";
export type { KVItem, KVItemMeta, KVItemOptions } from "./items.ts";
export { kvStorage, type KVStorageConfig } from "./kv-storage.ts";
export type { KVStorageCacheOptions, KVStorageOptions } from "./options.ts";

// driver.d.ts

import { type KVNamespace } from "@kvplug/core/seam";
import type { KVItem, KVItemMeta, KVItemOptions } from "./items.ts";
import { DRIVER_NAME, type KVStorageOptions } from "./options.ts";
export interface KVStorageDriver {
    readonly name: typeof DRIVER_NAME;
    readonly flags: {
        readonly maxDepth: true;
        readonly ttl: true;
    };
    readonly options: KVStorageOptions;
    readonly getInstance: () => KVNamespace<any>;
    readonly hasItem: (key: string) => Promise<boolean>;
    readonly getItem: (key: string) => Promise<string | null>;
    readonly getItems: (items: KVItem[]) => Promise<{
        key: string;
        value: string | null;
    }[]>;
    readonly getItemRaw: (key: string) => Promise<Uint8Array | null>;
    readonly setItem: (key: string, value: string, options?: KVItemOptions) => Promise<void>;
    readonly setItems: (items: (KVItem & {
        value: string;
    })[], common?: KVItemOptions) => Promise<void>;
    readonly setItemRaw: (key: string, value: unknown, options?: KVItemOptions) => Promise<void>;
    readonly removeItem: (key: string) => Promise<void>;
    readonly getMeta: (key: string) => Promise<KVItemMeta | null>;
    readonly getKeys: (base?: string, options?: {
        maxDepth?: number;
    }) => Promise<string[]>;
    readonly clear: (base?: string) => Promise<void>;
    readonly dispose: () => Promise<void>;
}
export declare function createDriver(given?: KVStorageOptions): KVStorageDriver;

// items.d.ts

import type { Seconds, UnixSeconds } from "@kvplug/core/seam";
export interface KVItemOptions {
    ttl?: Seconds | undefined;
    expiration?: UnixSeconds | undefined;
    metadata?: Record<string, unknown> | undefined;
}
export interface KVItem {
    key: string;
    options?: KVItemOptions;
}
export interface KVItemMeta {
    mtime?: Date;
    ttl?: Seconds;
    expiration?: UnixSeconds;
    metadata?: object;
    [more: string]: string | number | boolean | object | null | undefined;
}

// kv-storage.d.ts

import { DRIVER_NAME, type KVStorageOptions } from "./options.ts";
export type KVStorageConfig = Omit<KVStorageOptions, "kv" | "binding" | "apiToken" | "apiKey"> & {
    binding?: string | undefined;
};
export declare function kvStorage(options?: KVStorageConfig): {
    driver: typeof DRIVER_NAME;
} & KVStorageConfig;

// options.d.ts

import type { CacheBound, CacheOptions } from "@kvplug/cache";
import type { KVOptions } from "@kvplug/core";
import { type KVNamespace, type Milliseconds, type Seconds } from "@kvplug/core/seam";
export declare const DRIVER_NAME = "@kvplug/unstorage";
export type KVStorageCacheOptions = CacheBound & Omit<CacheOptions, "bus">;
export interface KVStorageOptions extends Omit<KVOptions, "baseURL" | "deadline" | "dispatcher" | "fetch"> {
    apiURL?: string | undefined;
    base?: string | undefined;
    ttl?: Seconds | undefined;
    minTTL?: Seconds | undefined;
    deadline?: Milliseconds | undefined;
    cache?: KVStorageCacheOptions | undefined;
    binding?: string | KVNamespace<any> | undefined;
    kv?: KVNamespace<any> | undefined;
}
export declare function givenOptions(mount: KVStorageOptions): KVStorageOptions;
export declare function checkStorageOptions(where: string, options: KVStorageOptions): void;
export declare function checkSeconds(option: string, value: unknown, key?: string): asserts value is Seconds;
export declare function redact(options: KVStorageOptions): KVStorageOptions;
