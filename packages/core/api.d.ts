// index.d.ts

export type { KVBudget } from "./budget/budget.ts";
export { createClient, createKV, type KVClient } from "./client.ts";
export type { KV, KVEntriesOptions, KVListEntry, KVPair, KVPrefixOptions } from "./contract/kv.ts";
export type { KVSharedBudget } from "./contract/shared-budget.ts";
export type { KVNamespaceInfo, KVNamespaceListOptions, KVNamespacePage, KVNamespaces } from "./namespace/namespaces.ts";
export type { KVBatchOptions, KVClientOptions, KVOptions, KVRateLimitOptions, KVRetryOptions, } from "./contract/options.ts";
export { checkAdapterOptions, openNamespace, type AdapterOptionNames, type OpenNamespace } from "./open-namespace.ts";
export type { KVStats } from "./contract/stats.ts";
export { TRACING_CHANNEL, type KVRequestEvent } from "./requests/tracing.ts";
export * from "./seam/errors.ts";
export type * from "./seam/kv-namespace.ts";
export * from "./seam/limits.ts";

// budget/budget.d.ts

import type { KVSharedBudget } from "../contract/shared-budget.ts";
import type { Milliseconds } from "../seam/kv-namespace.ts";
export interface RateLimit {
    readonly requests: number;
    readonly window: Milliseconds;
}
export interface KVBudget {
    requests: number;
    window: Milliseconds;
    left: number;
    opensIn: Milliseconds;
}
export type Need = "partial" | "full" | "bulk";
export declare class Budget {
    #private;
    constructor(limit: RateLimit | undefined, source: "guess" | "caller" | "none", maxKeys: number, shared?: KVSharedBudget);
    demand(now: Milliseconds): void;
    onOpen(listener: () => void): void;
    wait(need: Need, now: Milliseconds): Milliseconds;
    look(now: Milliseconds): KVBudget | undefined;
    start(): void;
    finish(now: Milliseconds): void;
    correct(policy: string | undefined, state: string | undefined, now: Milliseconds): void;
    get pausedUntil(): Milliseconds;
    pause(time: Milliseconds, now: Milliseconds): void;
}

// client.d.ts

import { type KVBudget } from "./budget/budget.ts";
import type { KV } from "./contract/kv.ts";
import { KVNamespaces } from "./namespace/namespaces.ts";
import { type KVClientOptions, type KVOptions } from "./contract/options.ts";
export interface KVClient extends AsyncDisposable {
    readonly namespaces: KVNamespaces;
    kv(namespaceId: string): KV;
    budget(): KVBudget | undefined;
    isGateway(): boolean;
    close(): Promise<void>;
}
export declare function createClient(options?: KVClientOptions): KVClient;
export declare function createKV(options?: KVOptions): KV;

// contract/kv.d.ts

import type { KVCallOptions, KVListKey, KVNamespace, KVStream, Seconds, UnixSeconds } from "../seam/kv-namespace.ts";
import type { KVStats } from "./stats.ts";
export interface KVPair {
    key: string;
    value: string | ArrayBuffer | ArrayBufferView;
    expiration?: UnixSeconds;
    expirationTtl?: Seconds;
    metadata?: unknown;
}
export interface KVListEntry<Value, Metadata = unknown> extends KVListKey<Metadata> {
    value: Value;
}
export interface KVPrefixOptions extends KVCallOptions {
    prefix?: string;
}
export interface KVEntriesOptions<Type extends "text" | "json" | "arrayBuffer"> extends KVPrefixOptions {
    type: Type;
}
export interface KV extends KVNamespace<KVStream>, AsyncDisposable {
    putMany(pairs: Iterable<KVPair> | AsyncIterable<KVPair>, options?: KVCallOptions): Promise<void>;
    deleteMany(keys: Iterable<string> | AsyncIterable<string>, options?: KVCallOptions): Promise<void>;
    getMetadata<Metadata = unknown>(key: string, options?: KVCallOptions): Promise<Metadata | null>;
    keys<Metadata = unknown>(options?: KVPrefixOptions): AsyncIterableIterator<KVListKey<Metadata>>;
    entries<Metadata = unknown>(options?: Partial<KVEntriesOptions<"text">>): AsyncIterableIterator<KVListEntry<string, Metadata>>;
    entries<Value = unknown, Metadata = unknown>(options: KVEntriesOptions<"json">): AsyncIterableIterator<KVListEntry<Value, Metadata>>;
    entries<Metadata = unknown>(options: KVEntriesOptions<"arrayBuffer">): AsyncIterableIterator<KVListEntry<ArrayBuffer, Metadata>>;
    clear(options?: KVPrefixOptions): Promise<number>;
    stats(): KVStats;
    close(): Promise<void>;
}

// contract/shared-budget.d.ts

import type { Milliseconds } from "../seam/kv-namespace.ts";
export interface KVSharedBudget {
    wait(): Milliseconds;
    take(): void;
    answered(): void;
    onOpen(listener: () => void): void;
}

// namespace/namespaces.d.ts

import type { KVCallOptions } from "../seam/kv-namespace.ts";
import type { Requests } from "../requests/requests.ts";
export interface KVNamespaceInfo {
    id: string;
    title: string;
    supports_url_encoding?: boolean;
}
export interface KVNamespaceListOptions extends KVCallOptions {
    order?: "id" | "title";
    direction?: "asc" | "desc";
    perPage?: number;
}
export interface KVNamespacePage {
    namespaces: KVNamespaceInfo[];
    page: number;
    perPage: number;
    totalCount: number;
}
export declare class KVNamespaces {
    #private;
    constructor(requests: Requests);
    list(options?: KVNamespaceListOptions): AsyncGenerator<KVNamespaceInfo>;
    page(page: number, options?: KVNamespaceListOptions): Promise<KVNamespacePage>;
    find(title: string, options?: KVCallOptions): Promise<KVNamespaceInfo | undefined>;
    get(id: string, options?: KVCallOptions): Promise<KVNamespaceInfo>;
    create(title: string, options?: KVCallOptions): Promise<KVNamespaceInfo>;
    rename(id: string, title: string, options?: KVCallOptions): Promise<KVNamespaceInfo>;
    delete(id: string, options?: KVCallOptions): Promise<void>;
}
export declare function checkNamespaceId(id: string): void;

// contract/options.d.ts

import type { Dispatcher } from "undici";
import type { Milliseconds } from "../seam/kv-namespace.ts";
import type { KVSharedBudget } from "./shared-budget.ts";
export interface KVRetryOptions {
    attempts?: number;
    minDelay?: Milliseconds;
    maxDelay?: Milliseconds;
}
export interface KVBatchOptions {
    maxKeys?: number;
    maxBytes?: number;
    maxInFlight?: number;
    window?: Milliseconds;
}
export interface KVRateLimitOptions {
    requests: number;
    window: Milliseconds;
    shared?: KVSharedBudget | undefined;
}
export interface KVClientOptions {
    accountId?: string | undefined;
    apiToken?: string | undefined;
    email?: string | undefined;
    apiKey?: string | undefined;
    baseURL?: string | undefined;
    timeout?: Milliseconds;
    deadline?: Milliseconds;
    retry?: false | KVRetryOptions;
    batch?: false | KVBatchOptions;
    rateLimit?: false | KVRateLimitOptions;
    writeInterval?: Milliseconds;
    writeBurst?: number;
    connections?: number;
    allowH2?: boolean;
    dispatcher?: Dispatcher;
    fetch?: typeof globalThis.fetch;
}
export interface KVOptions extends KVClientOptions {
    namespaceId?: string | undefined;
}
export interface ConnectionOptions {
    readonly connections: number;
    readonly allowH2: boolean;
    readonly dispatcher: Dispatcher | undefined;
    readonly timeout: Milliseconds;
}
export type BatchSettings = Readonly<Required<KVBatchOptions>>;
export interface Settings extends ConnectionOptions {
    readonly deadline: Milliseconds;
    readonly retry: Readonly<Required<KVRetryOptions>> & {
        readonly refused: boolean;
    };
    readonly shared: boolean;
    readonly batch: BatchSettings;
    readonly rateLimit: false | Readonly<KVRateLimitOptions> | undefined;
    readonly writeInterval: Milliseconds;
    readonly ownPace: boolean;
    readonly writeBurst: number;
    readonly fetch: typeof globalThis.fetch | undefined;
}
export declare function checkOptions(where: string, options: KVClientOptions, more?: readonly string[]): Settings;
export declare function checkDeadline(deadline: Milliseconds | undefined): void;

// open-namespace.d.ts

import type { KVNamespace } from "./seam/kv-namespace.ts";
import { type KVOptions } from "./contract/options.ts";
export interface OpenNamespace {
    readonly kv: KVNamespace<any>;
    close(): Promise<void>;
}
export interface AdapterOptionNames {
    readonly name: string;
    readonly options: readonly string[];
}
export declare function checkAdapterOptions(given: KVOptions, { name, options }: AdapterOptionNames): void;
export declare function openNamespace(given?: KVNamespace<any> | KVOptions, adapter?: AdapterOptionNames): OpenNamespace;

// contract/stats.d.ts

export interface KVStats {
    requests: number;
    readKeys: number;
    writtenKeys: number;
    sharedReads: number;
    replacedWrites: number;
    batches: number;
    retries: number;
    rateLimited: number;
    waits: number;
    bytesSent: number;
    bytesReceived: number;
}
export declare function newStats(): KVStats;

// requests/tracing.d.ts

export interface KVRequestEvent {
    method: string;
    path: string;
    keys: number;
    attempt: number;
    status?: number;
    error?: unknown;
}
export declare const TRACING_CHANNEL = "kvplug:request";
export declare function traced<T>(event: KVRequestEvent, run: () => Promise<T>): Promise<T>;

// seam/errors.d.ts

import type { Seconds } from "./kv-namespace.ts";
export type KVErrorCode = "KV_INVALID" | "KV_LIMIT" | "KV_CONFIG" | "KV_AUTH" | "KV_NOT_FOUND" | "KV_RATE_LIMIT" | "KV_VALUE" | "KV_BULK" | "KV_API" | "KV_NETWORK" | "KV_TIMEOUT" | "KV_STORAGE" | "KV_CLOSED";
export interface KVApiMessage {
    code: number;
    message: string;
    error_chain?: readonly KVApiMessage[];
}
export interface KVErrorDetails {
    key?: string | undefined;
    httpStatus?: number | undefined;
    errors?: readonly KVApiMessage[] | undefined;
    method?: string | undefined;
    path?: string | undefined;
    cfRay?: string | undefined;
    cause?: unknown;
}
export declare class KVError extends Error {
    name: string;
    readonly code: KVErrorCode;
    readonly key?: string;
    readonly httpStatus?: number;
    readonly errors: readonly KVApiMessage[];
    readonly method?: string;
    readonly path?: string;
    readonly cfRay?: string;
    constructor(code: KVErrorCode, message: string, details?: KVErrorDetails);
}
export declare class KVLimitError extends KVError {
    name: string;
    readonly limit: number;
    readonly actual: number;
    constructor(message: string, limit: number, actual: number, key?: string, cause?: unknown);
}
export declare class KVRateLimitError extends KVError {
    name: string;
    readonly retryAfter: Seconds;
    constructor(message: string, retryAfter: Seconds, details?: KVErrorDetails);
}
export declare class KVBulkError extends KVError {
    #private;
    name: string;
    readonly keys: readonly string[];
    constructor(message: string, reasons: ReadonlyMap<string, unknown>, details?: KVErrorDetails);
    get reasons(): ReadonlyMap<string, unknown>;
}
export declare function isKVError(error: unknown): error is KVError;

// seam/kv-namespace.d.ts

import type { Milliseconds, Seconds, UnixSeconds } from "../time/units.ts";
export type { Milliseconds, Seconds, UnixSeconds };
export type KVValueType = "text" | "json" | "arrayBuffer" | "stream";
export interface KVReadable {
    readonly locked: boolean;
    cancel(reason?: any): Promise<void>;
}
export interface KVStream extends ReadableStream {
    getReader(): ReadableStreamDefaultReader;
    getReader(options: {
        mode: "byob";
    }): any;
    pipeThrough(transform: any, options?: any): any;
    pipeTo(destination: any, options?: any): Promise<void>;
    tee(): [KVStream, KVStream];
}
export type KVValue = string | ArrayBuffer | ArrayBufferView | KVReadable;
export interface KVCallOptions {
    signal?: AbortSignal | undefined;
    deadline?: Milliseconds | undefined;
}
export interface KVGetOptions<Type extends KVValueType | undefined> extends KVCallOptions {
    type: Type;
    cacheTtl?: Seconds;
}
export interface KVPutOptions extends KVCallOptions {
    expiration?: UnixSeconds;
    expirationTtl?: Seconds;
    metadata?: unknown;
}
export interface KVListOptions extends KVCallOptions {
    prefix?: string | null;
    limit?: number;
    cursor?: string | null;
}
export interface KVEntry<Value, Metadata = unknown> {
    value: Value | null;
    metadata: Metadata | null;
    expiration?: UnixSeconds;
    cacheStatus: string | null;
}
export interface KVListKey<Metadata = unknown> {
    name: string;
    expiration?: UnixSeconds;
    metadata?: Metadata;
}
export type KVListResult<Metadata = unknown> = {
    list_complete: false;
    keys: KVListKey<Metadata>[];
    cursor: string;
    cacheStatus: string | null;
} | {
    list_complete: true;
    keys: KVListKey<Metadata>[];
    cacheStatus: string | null;
};
export interface KVNamespace<Stream extends KVReadable = KVReadable> {
    get(key: string, options?: Partial<KVGetOptions<undefined>>): Promise<string | null>;
    get(key: string, type: "text"): Promise<string | null>;
    get<Value = unknown>(key: string, type: "json"): Promise<Value | null>;
    get(key: string, type: "arrayBuffer"): Promise<ArrayBuffer | null>;
    get(key: string, type: "stream"): Promise<Stream | null>;
    get(key: string, options: KVGetOptions<"text">): Promise<string | null>;
    get<Value = unknown>(key: string, options: KVGetOptions<"json">): Promise<Value | null>;
    get(key: string, options: KVGetOptions<"arrayBuffer">): Promise<ArrayBuffer | null>;
    get(key: string, options: KVGetOptions<"stream">): Promise<Stream | null>;
    get(keys: string[], type: "text"): Promise<Map<string, string | null>>;
    get<Value = unknown>(keys: string[], type: "json"): Promise<Map<string, Value | null>>;
    get(keys: string[], options?: Partial<KVGetOptions<undefined>>): Promise<Map<string, string | null>>;
    get(keys: string[], options: KVGetOptions<"text">): Promise<Map<string, string | null>>;
    get<Value = unknown>(keys: string[], options: KVGetOptions<"json">): Promise<Map<string, Value | null>>;
    getWithMetadata<Metadata = unknown>(key: string, options?: Partial<KVGetOptions<undefined>>): Promise<KVEntry<string, Metadata>>;
    getWithMetadata<Metadata = unknown>(key: string, type: "text"): Promise<KVEntry<string, Metadata>>;
    getWithMetadata<Value = unknown, Metadata = unknown>(key: string, type: "json"): Promise<KVEntry<Value, Metadata>>;
    getWithMetadata<Metadata = unknown>(key: string, type: "arrayBuffer"): Promise<KVEntry<ArrayBuffer, Metadata>>;
    getWithMetadata<Metadata = unknown>(key: string, type: "stream"): Promise<KVEntry<Stream, Metadata>>;
    getWithMetadata<Metadata = unknown>(key: string, options: KVGetOptions<"text">): Promise<KVEntry<string, Metadata>>;
    getWithMetadata<Value = unknown, Metadata = unknown>(key: string, options: KVGetOptions<"json">): Promise<KVEntry<Value, Metadata>>;
    getWithMetadata<Metadata = unknown>(key: string, options: KVGetOptions<"arrayBuffer">): Promise<KVEntry<ArrayBuffer, Metadata>>;
    getWithMetadata<Metadata = unknown>(key: string, options: KVGetOptions<"stream">): Promise<KVEntry<Stream, Metadata>>;
    getWithMetadata<Metadata = unknown>(keys: string[], type: "text"): Promise<Map<string, KVEntry<string, Metadata>>>;
    getWithMetadata<Value = unknown, Metadata = unknown>(keys: string[], type: "json"): Promise<Map<string, KVEntry<Value, Metadata>>>;
    getWithMetadata<Metadata = unknown>(keys: string[], options?: Partial<KVGetOptions<undefined>>): Promise<Map<string, KVEntry<string, Metadata>>>;
    getWithMetadata<Metadata = unknown>(keys: string[], options: KVGetOptions<"text">): Promise<Map<string, KVEntry<string, Metadata>>>;
    getWithMetadata<Value = unknown, Metadata = unknown>(keys: string[], options: KVGetOptions<"json">): Promise<Map<string, KVEntry<Value, Metadata>>>;
    put(key: string, value: KVValue, options?: KVPutOptions): Promise<void>;
    delete(key: string, options?: KVCallOptions): Promise<void>;
    list<Metadata = unknown>(options?: KVListOptions): Promise<KVListResult<Metadata>>;
}

// seam/limits.d.ts

import type { Milliseconds, Seconds } from "./kv-namespace.ts";
export declare const MAX_KEY_BYTES = 512;
export declare const MAX_VALUE_BYTES: number;
export declare const MAX_METADATA_BYTES = 1024;
export declare const MIN_EXPIRATION_TTL_SECONDS: Seconds;
export declare const MIN_CACHE_TTL_SECONDS: Seconds;
export declare const DEFAULT_CACHE_TTL_SECONDS: Seconds;
export declare const MAX_BULK_KEYS = 10000;
export declare const MAX_BULK_GET_KEYS = 100;
export declare const MAX_BULK_BYTES = 100000000;
export declare const MAX_LIST_LIMIT = 1000;
export declare const MIN_REST_LIST_LIMIT = 10;
export declare const MAX_NAMESPACES_PER_PAGE = 1000;
export declare const MAX_TITLE_LENGTH = 512;
export declare const CLOUDFLARE_RATE_LIMIT: {
    readonly requests: number;
    readonly window: Milliseconds;
};

// seam/index.d.ts

export * from "./about-key.ts";
export * from "./any-namespace.ts";
export * from "./clear-prefix.ts";
export * from "./decode.ts";
export * from "../time/end-of-tick.ts";
export * from "../time/exact-time.ts";
export * from "./errors.ts";
export * from "./flow.ts";
export * from "./fresh.ts";
export * from "./gateway-headers.ts";
export * from "./get-with-expiration.ts";
export type * from "./kv-namespace.ts";
export * from "./limits.ts";
export * from "./long-keys.ts";
export * from "./look-and-delete.ts";
export * from "./most-bytes.ts";
export * from "./presence.ts";
export * from "./put-options.ts";
export * from "./read-bytes.ts";
export * from "./reads-within.ts";
export * from "./reason.ts";
export * from "./redact.ts";
export * from "./pending-promises.ts";
export * from "./unlisted-keys.ts";
export * from "./validate.ts";
export * from "./value.ts";
export * from "./wait-at-most.ts";
export * from "./withdrawal.ts";

// seam/about-key.d.ts

import { KVError, type KVErrorDetails } from "./errors.ts";
export declare function aboutKey(error: unknown, key: string, what: "put" | "delete" | "read"): unknown;
export declare function detailsOf({ key, httpStatus, errors, method, path, cfRay }: KVError): KVErrorDetails;

// seam/any-namespace.d.ts

import type { KVCallOptions, KVEntry, KVGetOptions, KVListKey, KVNamespace, Milliseconds, Seconds } from "./kv-namespace.ts";
export declare function isNamespace(value: unknown): value is KVNamespace<any>;
export declare function checkNamespace(where: string, value: unknown): asserts value is KVNamespace<any>;
export declare function adapterOptions<Options extends {
    kv?: KVNamespace<any>;
}>(name: string, given: KVNamespace<any> | Options, more: Omit<Options, "kv">): Options;
export declare function getEntries<Metadata = unknown>(kv: Pick<KVNamespace<any>, "getWithMetadata">, keys: readonly string[], options?: Pick<KVGetOptions<"text">, "cacheTtl"> & KVCallOptions): Promise<(KVEntry<string, Metadata> | null)[]>;
export declare function isTooLargeForBulk(error: unknown): boolean;
export declare function isLostInBulk(key: string): boolean;
export declare function forEachKey(keys: readonly string[], write: (key: string, i: number) => Promise<void>): Promise<void>;
export declare function listPages<Metadata = unknown>(kv: KVNamespace<any>, prefix?: string): AsyncGenerator<KVListKey<Metadata>[]>;
export declare function expirationTtlOf(ttl: Milliseconds): Seconds;

// seam/clear-prefix.d.ts

import type { KVNamespace } from "./kv-namespace.ts";
export declare function clearPrefix(kv: KVNamespace<any>, prefix: string): Promise<void>;
export declare function clearsItself(kv: KVNamespace<any>): kv is KVNamespace<any> & {
    clear(options: {
        prefix?: string;
    }): Promise<unknown>;
};
export declare class LaterPuts {
    #private;
    constructor(kv: KVNamespace<any>, prefix: string);
    has(name: string): boolean;
    add(name: string, putting: Promise<unknown>): void;
    clear(batchSize?: number): Promise<void>;
}

// seam/decode.d.ts

import { type InFlow } from "./flow.ts";
import type { KVCallOptions, KVGetOptions, KVValueType, Seconds, UnixSeconds } from "./kv-namespace.ts";
import { type UpToBytes } from "./most-bytes.ts";
import { type Withdrawable } from "./withdrawal.ts";
export type RawValue = string | ArrayBuffer;
export interface Found<Value = RawValue> {
    value: Value;
    metadata: unknown;
    expiration?: UnixSeconds;
}
export type GivenGetOptions = KVValueType | Partial<KVGetOptions<KVValueType | undefined>> | undefined;
export interface CheckedGetOptions extends KVCallOptions, InFlow, UpToBytes, Withdrawable {
    type: KVValueType;
    cacheTtl?: Seconds | undefined;
}
export declare function checkGetOptions(given: GivenGetOptions): CheckedGetOptions;
export declare function checkManyType(type: KVValueType): void;
export declare function decode(key: string, raw: RawValue, type: KVValueType): unknown;

// time/end-of-tick.d.ts

export declare function endOfTick(run: () => void): void;

// time/exact-time.d.ts

import type { Milliseconds } from "./units.ts";
export declare function exactTime(): Milliseconds;

// seam/flow.d.ts

import type { Milliseconds } from "./kv-namespace.ts";
export declare const FLOW: unique symbol;
export interface InFlow {
    readonly [FLOW]?: Flow | undefined;
}
export declare class Flow {
    #private;
    constructor(weight: number);
    next(now: Milliseconds): Milliseconds;
    sooner(other: Flow): Flow;
    done(): void;
}
export declare const JOIN_FLOW: unique symbol;
export interface FlowJoiner {
    [JOIN_FLOW](key: string, flow: Flow): void;
}
export declare function joinsFlows(kv: object): kv is FlowJoiner;
export declare function flowOf(options: object | undefined): Flow | undefined;

// seam/fresh.d.ts

export declare const FRESH: unique symbol;
export interface Fresh {
    readonly [FRESH]?: boolean | undefined;
}

// seam/gateway-headers.d.ts

import type { Milliseconds } from "./kv-namespace.ts";
export declare const LIMITS_HEADER = "kvplug-limits";
export declare const CACHE_TTL_HEADER = "kvplug-cache-ttl";
export interface GatewayLimits {
    readonly bulkKeys: number;
    readonly bulkBytes: number;
    readonly writeInterval: Milliseconds;
}
export declare function formatLimits({ bulkKeys, bulkBytes, writeInterval }: GatewayLimits): string;
export declare function parseLimits(header: string | undefined): GatewayLimits | undefined;

// seam/get-with-expiration.d.ts

import type { KVEntry } from "./kv-namespace.ts";
import type { Withdrawable } from "./withdrawal.ts";
export declare const GET_WITH_EXPIRATION: unique symbol;
export interface ExpirationReader {
    [GET_WITH_EXPIRATION](key: string, type: "arrayBuffer", options?: Withdrawable): Promise<Pick<KVEntry<ArrayBuffer>, "value" | "expiration">>;
}
export declare function tellsExpiration(backend: object): backend is ExpirationReader;

// seam/long-keys.d.ts

export declare function nameOfLong(prefix: string, key: string): string;

// seam/look-and-delete.d.ts

import type { KVCallOptions } from "./kv-namespace.ts";
import type { KVPresent } from "./presence.ts";
export declare const LOOK_AND_DELETE: unique symbol;
export interface LookAndDelete {
    readonly looked: Promise<KVPresent | null>;
    readonly deleted: Promise<void>;
}
export interface LookingDeleter {
    [LOOK_AND_DELETE](key: string, look?: Pick<KVCallOptions, "deadline">): LookAndDelete;
}
export declare function looksAndDeletes(backend: object): backend is LookingDeleter;

// seam/most-bytes.d.ts

export declare const MOST_BYTES: unique symbol;
export interface UpToBytes {
    readonly [MOST_BYTES]?: number | undefined;
}
export declare function mostBytesOf(options: object): number | undefined;

// seam/presence.d.ts

import type { KVCallOptions, KVEntry, KVNamespace, Milliseconds } from "./kv-namespace.ts";
export type KVPresent = Pick<KVEntry<unknown>, "metadata" | "expiration">;
export interface FindsMetadata {
    findMetadata?(name: string, options?: KVCallOptions): Promise<{
        metadata: unknown;
    } | null>;
}
export type AskedForPresence = Pick<KVNamespace<any>, "getWithMetadata"> & FindsMetadata;
export type PresenceOptions = Pick<KVCallOptions, "deadline">;
export declare class Presence {
    #private;
    constructor(kv: AskedForPresence, isGood: (metadata: unknown) => boolean, deadline?: Milliseconds);
    has(name: string, options?: PresenceOptions): Promise<boolean>;
    find(name: string, isEnough: (metadata: unknown) => boolean, { deadline }?: PresenceOptions): Promise<KVPresent | null>;
}

// seam/put-options.d.ts

import type { KVPutOptions, Milliseconds, Seconds, UnixSeconds } from "./kv-namespace.ts";
export declare function checkMetadata(key: string, metadata: unknown): string | undefined;
export interface CheckedPutOptions {
    expiration?: UnixSeconds;
    expirationTtl?: Seconds;
    metadata?: string;
}
export declare function checkPutOptions(key: string, options: KVPutOptions, now: Milliseconds): CheckedPutOptions;

// seam/read-bytes.d.ts

import type { InFlow } from "./flow.ts";
import type { KVCallOptions, KVEntry, Seconds } from "./kv-namespace.ts";
import type { Withdrawable } from "./withdrawal.ts";
export declare const READ_BYTES: unique symbol;
export interface ReadBytesOptions extends KVCallOptions, InFlow, Withdrawable {
    metadata: boolean;
    cacheTtl?: Seconds | undefined;
}
export interface BytesReader {
    [READ_BYTES](key: string, options: ReadBytesOptions): Promise<KVEntry<string | ArrayBuffer>>;
}
export declare function readsBytes(kv: object): kv is BytesReader;

// seam/reads-within.d.ts

import type { KVNamespace, Milliseconds } from "./kv-namespace.ts";
import type { AskedForPresence } from "./presence.ts";
export declare const CACHE_DEADLINE: Milliseconds;
export declare function checkCacheDeadline(deadline: unknown): asserts deadline is Milliseconds;
export declare function readsWithin(kv: KVNamespace<any>, deadline: Milliseconds): AskedForPresence;

// seam/reason.d.ts

export declare function reasonOf(error: unknown): string;

// seam/redact.d.ts

export declare function redactURLs(text: string): string;
export declare function withoutIds(text: string): string;

// seam/pending-promises.d.ts

export declare class PendingPromises {
    #private;
    add<Result>(call: Promise<Result>): Promise<Result>;
    settled(): Promise<void>;
}

// seam/unlisted-keys.d.ts

export declare const UNLISTED_KEYS: unique symbol;
export type Unlisted = ReadonlyMap<string, Promise<void> | undefined>;
export declare function markUnlisted(kv: object, prefix: string): () => Unlisted;

// seam/validate.d.ts

import type { KVListOptions } from "./kv-namespace.ts";
export declare function utf8Length(text: string): number;
export declare function quoteKey(key: unknown): string;
export declare function kindOf(value: unknown): string;
export declare function describe(value: unknown): string;
export declare function checkKey(key: unknown): asserts key is string;
export declare function checkKeys(keys: unknown): asserts keys is string[];
export declare function checkValueBytes(key: string, bytes: number): void;
export declare function checkText(key: string, text: string): number;
export declare const CALL_OPTIONS: readonly ["signal", "deadline"];
export declare function checkOptionNames(where: string, options: object, known: readonly string[]): void;
export declare function checkListOptions(options: KVListOptions): {
    prefix: string;
    limit: number;
    cursor: string;
};

// seam/value.d.ts

import type { KVValue } from "./kv-namespace.ts";
export interface WholeValue {
    readonly data: string | Uint8Array;
    readonly bytes: number;
}
export interface StreamedValue {
    readonly stream: ReadableStream<Uint8Array>;
}
export declare function checkValue(key: string, value: KVValue): WholeValue | StreamedValue;
export declare function asBytes(value: unknown): Uint8Array | undefined;
export declare function checkedChunks(key: string, reader: ReadableStreamDefaultReader<unknown>): AsyncGenerator<Uint8Array>;

// seam/wait-at-most.d.ts

import type { Milliseconds } from "./kv-namespace.ts";
type Late<Result> = (resolve: (result: Result) => void, reject: (reason: unknown) => void) => void;
export declare function waitAtMost<Result>(work: Promise<Result>, time: Milliseconds, late: Late<Result>, signal?: AbortSignal): Promise<Result>;
export {};

// seam/withdrawal.d.ts

export declare const WITHDRAWAL: unique symbol;
export interface Withdrawable {
    readonly [WITHDRAWAL]?: Withdrawal | undefined;
}
export interface WithdrawalListener {
    onWithdraw(): void;
}
export declare class Withdrawal {
    #private;
    listener: WithdrawalListener | undefined;
    get withdrawn(): boolean;
    withdraw(): void;
}
