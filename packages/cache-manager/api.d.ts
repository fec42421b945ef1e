// index.d.ts

export { createStores, type KVKeyv, type StoresOptions } from "./create-stores.ts";
export type { LruOptions } from "./open-store.ts";

// create-stores.d.ts

import type { KVNamespace } from "@kvplug/core";
import type { KeyvKV } from "@kvplug/keyv";
import { Keyv } from "keyv";
import { type StoreOptions } from "./open-store.ts";
export interface StoresOptions extends StoreOptions {
    onError?: (error: unknown) => void;
}
export type KVKeyv = Keyv & Pick<KeyvKV, "keys" | "deleteByPrefix">;
export declare function createStores(given?: KVNamespace<any> | StoresOptions, more?: Omit<StoresOptions, "kv">): [store: KVKeyv];

// open-store.d.ts

import { type Milliseconds } from "@kvplug/core/seam";
import { KeyvKV, type KeyvKVOptions } from "@kvplug/keyv";
export interface LruOptions {
    max: number;
    ttl?: Milliseconds;
}
export interface StoreOptions extends KeyvKVOptions {
    lru?: LruOptions;
}
export declare function openStore(name: string, { lru, ...options }: StoreOptions, others: readonly string[]): KeyvKV;

// v5.d.ts

import type { KVNamespace } from "@kvplug/core";
import { type Milliseconds } from "@kvplug/core/seam";
import { type StoreOptions } from "./open-store.ts";
export type { LruOptions, StoreOptions } from "./open-store.ts";
export interface KVStoreOptions extends StoreOptions {
    ttl?: Milliseconds;
    isCacheable?: (value: unknown) => boolean;
    onError?: (error: unknown) => void;
    refreshThreshold?: Milliseconds;
    onBackgroundRefreshError?: (error: unknown) => void;
    store?: unknown;
}
export interface KVStore {
    readonly name: "cloudflare-kv";
    readonly isCacheable: (value: unknown) => boolean;
    create(options?: {
        ttl?: Milliseconds;
        [others: string]: unknown;
    }): KVStore;
    get<T>(key: string): Promise<T | undefined>;
    set(key: string, data: unknown, ttl?: Milliseconds): Promise<void>;
    del(key: string): Promise<void>;
    reset(): Promise<void>;
    mget(...keys: string[]): Promise<unknown[]>;
    mset(pairs: [key: string, value: unknown][], ttl?: Milliseconds): Promise<void>;
    mdel(...keys: string[]): Promise<void>;
    keys(pattern?: string): Promise<string[]>;
    deleteByPrefix(prefix: string): Promise<void>;
    ttl(key: string): Promise<Milliseconds>;
    disconnect(): Promise<void>;
}
export declare function kvStore(given?: KVNamespace<any> | KVStoreOptions, more?: Omit<KVStoreOptions, "kv">): KVStore;
