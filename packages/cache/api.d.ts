// index.d.ts

export { withCache } from "./with-cache.ts";
export type { CachedKV, CachePutOptions, WrapOptions } from "./cached-kv.ts";
export type { CacheBound, CacheOptions, CacheTagsOptions, CircuitOptions } from "./options.ts";
export type { InvalidateOptions } from "./tags/kv-tags.ts";
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

import type { KVCallOptions, KVNamespace, KVPutOptions, KVStream, KVValue, Milliseconds } from "@kvplug/core/seam";
import type { CacheStats } from "./stats.ts";
import type { InvalidateOptions } from "./tags/kv-tags.ts";
export interface CachePutOptions extends KVPutOptions {
    tags?: readonly string[];
}
export interface WrapOptions extends KVCallOptions {
    ttl?: Milliseconds;
    refreshThreshold?: Milliseconds;
    tags?: readonly string[];
}
export interface CachedKV<Backend extends KVNamespace<any> = KVNamespace> extends KVNamespace<KVStream>, AsyncDisposable {
    readonly backend: Backend;
    put(key: string, value: KVValue, options?: CachePutOptions): Promise<void>;
    wrap<Value>(key: string, factory: () => Value | Promise<Value>, options?: WrapOptions): Promise<Value>;
    getOrSet<Value>(key: string, factory: () => Value | Promise<Value>, options?: WrapOptions): Promise<Value>;
    invalidate(what: string | readonly string[] | {
        readonly prefix: string;
    }): void;
    invalidateTags(tags: readonly string[], options?: InvalidateOptions): Promise<void>;
    clearLocal(): void;
    stats(): CacheStats;
    close(): Promise<void>;
}

// options.d.ts

import { type Milliseconds } from "@kvplug/core/seam";
import type { CacheBus } from "./bus/bus.ts";
import { type KVTagsOptions } from "./tags/kv-tags.ts";
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
export type CacheTagsOptions = Pick<KVTagsOptions, "prefix" | "maxEntryTtl">;
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
    tags?: true | CacheTagsOptions;
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
    readonly tags: Readonly<CacheTagsOptions> | undefined;
}
export declare function checkCacheOptions(options: CacheOptions & Partial<CacheBound>): CacheSettings;
export declare function whole(option: string, unit: string, value: number, least: number): number;

// tags/kv-tags.d.ts

import { type KVCallOptions, type KVNamespace, type Seconds } from "@kvplug/core/seam";
import { type TagBeginning } from "./tag-memory.ts";
import { type TagRecord } from "./tag-record.ts";
import { type SeenTags, type TagVerdict } from "./verdict.ts";
export interface KVTagsOptions {
    prefix?: string;
    maxEntryTtl?: Seconds;
    onInvalidated?: (records: ReadonlyMap<string, TagRecord>) => void;
}
export interface InvalidateOptions {
    staleFor?: Seconds;
}
export declare class KVTags {
    #private;
    readonly maxEntryTtl: Seconds;
    constructor(kv: KVNamespace<any>, options?: KVTagsOptions);
    isRecord(key: string): boolean;
    isKnown(tags: readonly string[]): boolean;
    read(tags: readonly string[], call?: KVCallOptions): Promise<ReadonlyMap<string, TagRecord>>;
    begin(): TagBeginning;
    seen(tags: readonly string[], since: TagBeginning): SeenTags | undefined;
    seenAtCall(tags: readonly string[], call: TagBeginning): SeenTags | undefined;
    judge(seen: SeenTags): TagVerdict;
    invalidate(tags: readonly string[], options?: InvalidateOptions): Promise<void>;
}
interface CheckedTagsOptions {
    readonly prefix: string;
    readonly maxEntryTtl: Seconds;
    readonly onInvalidated: KVTagsOptions["onInvalidated"] | undefined;
}
export declare function checkTagsOptions(name: string, options: KVTagsOptions): CheckedTagsOptions;
export declare function checkTags(tags: unknown): asserts tags is readonly string[];
export {};

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
    readonly tags?: readonly string[];
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

import type { TagInvalidations } from "../tags/tag-store.ts";
export interface Invalidation {
    readonly from: string;
    readonly keys?: readonly string[];
    readonly prefix?: string;
    readonly tags?: TagInvalidations;
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

// tags/index.d.ts

export { KVTags, type InvalidateOptions, type KVTagsOptions } from "./kv-tags.ts";
export type { TagBeginning } from "./tag-memory.ts";
export type { TagRecord } from "./tag-record.ts";
export type { SeenTags, TagVerdict } from "./verdict.ts";

// tags/tag-memory.d.ts

import type { Milliseconds } from "@kvplug/core/seam";
import { type TagRecord } from "./tag-record.ts";
export interface TagBeginning {
    readonly at: Milliseconds;
    readonly order: number;
}
export declare class TagMemory {
    #private;
    record(tag: string): TagRecord | undefined;
    recordToJudgeBy(tag: string): TagRecord;
    begin(): TagBeginning;
    momentFor(tag: string): Milliseconds;
    learn(tag: string, text: string | null): void;
    invalidate(tag: string, news: TagRecord): TagRecord;
    seen(tag: string, since: TagBeginning): Milliseconds | undefined;
    seenAtCall(tag: string, call: TagBeginning): Milliseconds | undefined;
}

// tags/tag-record.d.ts

import type { Milliseconds } from "@kvplug/core/seam";
export interface TagRecord {
    readonly expired?: Milliseconds;
    readonly stale?: Milliseconds;
    readonly expires?: Milliseconds;
}
export declare const NEVER: TagRecord;
export declare function newestIn({ expired, stale }: TagRecord): Milliseconds;
export declare function mergeRecords(one: TagRecord, other: TagRecord, now: Milliseconds): TagRecord;
export declare function recordOf(given: unknown): TagRecord;
export declare function parseRecord(text: string | null): TagRecord;

// tags/verdict.d.ts

import type { Milliseconds } from "@kvplug/core/seam";
import type { TagRecord } from "./tag-record.ts";
export type SeenTags = Readonly<Record<string, Milliseconds>>;
export type TagVerdict = "fresh" | "stale" | "expired";
export declare function verdictOn(seen: SeenTags, recordOf: (tag: string) => TagRecord, now: Milliseconds): TagVerdict;
