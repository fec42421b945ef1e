// index.d.ts

export { withCache } from "./with-cache.ts";
export type { CachedKV, WrapOptions } from "./cached-kv.ts";
export type { CacheBound, CacheOptions, CircuitOptions } from "./options.ts";
export type { CacheStats } from "./stats.ts";
export { CACHE_CHANNEL, type CacheEvent } from "./events.ts";
export type { CacheBus, Invalidation } from "./bus/bus.ts";
export { broadcastBus } from "./bus/broadcast-bus.ts";
export { clusterBus, relayClusterBus } from "./bus/cluster-bus.ts";

// with-cache.d.ts

import { type KVNamespace } from "@kvplug/core/seam";
import type { CachedKV } from "./cached-kv.ts";
import { type CacheBound, type CacheOptions } from "./options.ts";
export declare function withCache<Backend extends KVNamespace<any>>(kv: Backend, options: CacheOptions & CacheBound): CachedKV<Backend>;

// cached-kv.d.ts

import type { KVCallOptions, KVNamespace, KVStream, Milliseconds } from "@kvplug/core/seam";
import type { CacheStats } from "./stats.ts";
export interface WrapOptions extends KVCallOptions {
    ttl?: Milliseconds;
    refreshThreshold?: Milliseconds;
}
export interface CachedKV<Backend extends KVNamespace<any> = KVNamespace> extends KVNamespace<KVStream>, AsyncDisposable {
    readonly backend: Backend;
    wrap<Value>(key: string, factory: () => Value | Promise<Value>, options?: WrapOptions): Promise<Value>;
    getOrSet<Value>(key: string, factory: () => Value | Promise<Value>, options?: WrapOptions): Promise<Value>;
    invalidate(what: string | readonly string[] | {
        readonly prefix: string;
    }): void;
    clearLocal(): void;
    stats(): CacheStats;
    close(): Promise<void>;
}

// options.d.ts

import { type Milliseconds } from "@kvplug/core/seam";
import type { CacheBus } from "./bus/bus.ts";
export type CacheBound = {
    max: number;
    maxBytes?: number;
} | {
    max?: number;
    maxBytes: number;
};
export interface CircuitOptions {
    failures?: number;
    cooldown?: Milliseconds;
}
export interface CacheOptions {
    ttl?: Milliseconds;
    negativeTtl?: Milliseconds;
    staleWhileRevalidate?: Milliseconds;
    staleIfError?: Milliseconds;
    deadline?: Milliseconds;
    fetchTimeout?: Milliseconds;
    maxValueBytes?: number;
    circuit?: false | CircuitOptions;
    bus?: CacheBus;
}
export interface CacheSettings {
    readonly max: number | undefined;
    readonly maxBytes: number;
    readonly ttl: Milliseconds;
    readonly negativeTtl: Milliseconds;
    readonly staleWhileRevalidate: Milliseconds;
    readonly staleIfError: Milliseconds;
    readonly deadline: Milliseconds;
    readonly fetchTimeout: Milliseconds | undefined;
    readonly maxValueBytes: number;
    readonly circuit: Readonly<Required<CircuitOptions>> | undefined;
    readonly bus: CacheBus | undefined;
}
export declare function checkCacheOptions(options: CacheOptions & Partial<CacheBound>): CacheSettings;
export declare function whole(option: string, unit: string, value: number, least: number): number;

// stats.d.ts

export interface CacheStats {
    hits: number;
    misses: number;
    stale: number;
    coalesced: number;
    backendReads: number;
    evictions: number;
    tooLarge: number;
    errors: number;
    entries: number;
    bytes: number;
}
export type CacheCounts = Omit<CacheStats, "entries" | "bytes">;
export declare function newCounts(): CacheCounts;

// events.d.ts

export type CacheEvent = {
    readonly type: "hit";
    readonly key: string;
} | {
    readonly type: "miss";
    readonly key: string;
} | {
    readonly type: "stale";
    readonly key: string;
    readonly why: "revalidating" | "error" | "slow" | "circuit";
} | {
    readonly type: "evict";
    readonly key: string;
} | {
    readonly type: "invalidate";
    readonly keys?: readonly string[];
    readonly prefix?: string;
    readonly remote: boolean;
} | {
    readonly type: "error";
    readonly during: "refresh" | "wrap" | "bus";
    readonly key?: string;
    readonly error: unknown;
} | {
    readonly type: "circuit";
    readonly open: boolean;
};
interface Channel {
    readonly hasSubscribers: boolean;
    publish(event: CacheEvent): void;
}
export declare const CACHE_CHANNEL = "kvplug:cache";
export declare const events: Channel;
export {};

// bus/bus.d.ts

export interface Invalidation {
    readonly from: string;
    readonly keys?: readonly string[];
    readonly prefix?: string;
}
export interface CacheBus {
    publish(message: Invalidation): unknown;
    subscribe(listener: (message: unknown) => void): (() => unknown) | Promise<() => unknown>;
}
export declare function isInvalidation(message: unknown): message is Invalidation;

// bus/broadcast-bus.d.ts

import type { CacheBus } from "./bus.ts";
export declare function broadcastBus(name: string): CacheBus;

// bus/cluster-bus.d.ts

import type { CacheBus, Invalidation } from "./bus.ts";
interface ClusterMessage {
    readonly kvplug: string;
    readonly message: Invalidation;
}
interface ClusterWorker {
    send(message: ClusterMessage, onSent: (error: Error | null) => void): boolean;
    isConnected(): boolean;
}
interface ClusterPrimary {
    readonly workers?: Record<string, ClusterWorker | undefined> | undefined;
    on(event: "message", listener: (from: ClusterWorker, message: any) => void): unknown;
    off(event: "message", listener: (from: ClusterWorker, message: any) => void): unknown;
}
export declare function clusterBus(name: string): CacheBus;
export declare function relayClusterBus(cluster: ClusterPrimary): () => void;
export {};
