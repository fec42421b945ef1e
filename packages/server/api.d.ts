// index.d.ts

export type { KVPair, NamespaceInfo, Namespaces, StoreNamespace } from "./backend.ts";
export { openKV } from "./open-kv.ts";
export type { EmbeddedKV, OpenKVOptions } from "./open-kv.ts";
export type { NamespaceOption, ServerOptions } from "./options.ts";
export type { RequestCounts } from "./request-counts.ts";
export { createRoutes } from "./routes/app.ts";
export type { RoutesOptions } from "./routes/app.ts";
export { StorageError } from "./routes/storage-error.ts";
export type { StorageTrouble } from "./routes/storage-error.ts";
export { startServer } from "./start-server.ts";
export type { RunningServer } from "./start-server.ts";
export type { Faults, RateLimit, FaultInjection, WriteLimit } from "./faults/options.ts";

// backend.d.ts

import type { KVNamespace, KVPutOptions } from "@kvplug/core/seam";
export interface NamespaceInfo {
    readonly id: string;
    readonly title: string;
}
export interface Namespaces {
    list(): MaybePromise<NamespaceInfo[]>;
    get(id: string): MaybePromise<NamespaceInfo | undefined>;
    create(title: string): MaybePromise<NamespaceInfo | undefined>;
    rename(id: string, title: string): MaybePromise<NamespaceInfo | undefined>;
    delete(id: string): MaybePromise<void>;
    open(id: string): StoreNamespace | undefined;
}
export interface KVPair extends Pick<KVPutOptions, "expiration" | "expirationTtl" | "metadata"> {
    key: string;
    value: string | ArrayBuffer | ArrayBufferView;
}
export interface StoreNamespace extends KVNamespace {
    readonly streams?: boolean;
    valueBytes?(keys: readonly string[]): Promise<number>;
    putMany?(pairs: readonly KVPair[]): Promise<string[]>;
    deleteMany?(keys: readonly string[]): Promise<string[]>;
}
export type MaybePromise<T> = T | Promise<T>;

// open-kv.d.ts

import type { KVNamespace, KVStream, Milliseconds } from "@kvplug/core/seam";
import type { KVPair } from "./backend.ts";
export interface OpenKVOptions {
    data?: string | undefined;
    namespace?: string | undefined;
    now?: (() => Milliseconds) | undefined;
}
export interface EmbeddedKV extends KVNamespace<KVStream>, AsyncDisposable {
    putMany(pairs: readonly KVPair[]): Promise<string[]>;
    deleteMany(keys: readonly string[]): Promise<string[]>;
    close(): Promise<void>;
}
export declare function openKV(options?: OpenKVOptions): EmbeddedKV;

// options.d.ts

import type { Milliseconds } from "@kvplug/core/seam";
import type { Context, MiddlewareHandler } from "hono";
import type { CheckedFaultInjection, FaultInjection } from "./faults/options.ts";
export interface NamespaceOption {
    title: string;
    id?: string | undefined;
}
export interface ServerOptions extends FaultInjection {
    port?: number | undefined;
    host?: string | undefined;
    data?: string | undefined;
    token?: string | undefined;
    account?: string | undefined;
    namespaces?: readonly (string | NamespaceOption)[] | undefined;
    now?: (() => Milliseconds) | undefined;
    beside?: MiddlewareHandler | undefined;
    session?: ((c: Context) => boolean) | undefined;
}
export interface CheckedServerOptions {
    port: number;
    host: string;
    data: string | undefined;
    token: string | undefined;
    account: string;
    namespaces: {
        title: string;
        id?: string;
    }[] | undefined;
    now: () => Milliseconds;
    injection: CheckedFaultInjection;
    beside: MiddlewareHandler | undefined;
    session: ((c: Context) => boolean) | undefined;
}
export declare function checkServerOptions(options: ServerOptions): CheckedServerOptions;

// request-counts.d.ts

import type { Context, MiddlewareHandler } from "hono";
export interface RequestCounts {
    readonly total: number;
    readonly byRoute: Readonly<Record<string, number>>;
    reset(): void;
}
export declare function countRequests(): {
    counts: RequestCounts;
    middleware: MiddlewareHandler;
};
export declare function routeOf(c: Context): string;

// routes/app.d.ts

import type { Milliseconds } from "@kvplug/core/seam";
import { Hono } from "hono";
import type { Context, MiddlewareHandler } from "hono";
import type { Namespaces } from "../backend.ts";
export interface RoutesOptions {
    namespaces: Namespaces | ((c: Context) => Namespaces);
    account?: string | undefined;
    use?: readonly MiddlewareHandler[] | undefined;
    now?: (() => Milliseconds) | undefined;
    maxBulkBytes?: number | undefined;
}
export declare function createRoutes({ namespaces, account, use, now, maxBulkBytes, }: RoutesOptions): Hono;

// routes/storage-error.d.ts

import { KVError } from "@kvplug/core/seam";
export type StorageTrouble = "full" | "read-only" | "malformed" | "locked" | "failed";
export declare class StorageError extends KVError {
    name: string;
    readonly trouble: StorageTrouble;
    constructor(path: string, trouble: StorageTrouble, cause: unknown);
}
export declare function describeTrouble(trouble: StorageTrouble): string;

// start-server.d.ts

import type { KVNamespace, KVStream } from "@kvplug/core/seam";
import type { NamespaceInfo } from "./backend.ts";
import type { ServerOptions } from "./options.ts";
import type { RequestCounts } from "./request-counts.ts";
import type { FaultInjection } from "./faults/options.ts";
export interface RunningServer extends AsyncDisposable {
    readonly url: string;
    readonly port: number;
    readonly account: string;
    readonly namespaces: readonly NamespaceInfo[];
    readonly requests: RequestCounts;
    kv(titleOrId: string): KVNamespace<KVStream>;
    inject(faults: FaultInjection): void;
    close(): Promise<void>;
}
export declare function startServer(options?: ServerOptions): Promise<RunningServer>;

// faults/options.d.ts

import type { Milliseconds } from "@kvplug/core/seam";
export interface RateLimit {
    requests: number;
    window: Milliseconds;
}
export interface WriteLimit {
    interval: Milliseconds;
    burst: number;
}
export interface Faults {
    errors: number;
    drops: number;
    html: number;
    unsuccessfulKeys: number;
}
export interface FaultInjection {
    latency?: Milliseconds | readonly [min: Milliseconds, max: Milliseconds] | undefined;
    rateLimit?: RateLimit | undefined;
    writeLimit?: boolean | Partial<WriteLimit> | undefined;
    faults?: Partial<Faults> | undefined;
    consistency?: "eventual" | {
        propagation: Milliseconds;
    } | undefined;
    seed?: number | undefined;
}
export interface CheckedFaultInjection {
    latency: readonly [Milliseconds, Milliseconds];
    rateLimit: RateLimit | undefined;
    writeLimit: WriteLimit | undefined;
    faults: Faults;
    propagation: Milliseconds | undefined;
    seed: number;
}
export declare const UNKINDNESS_NAMES: readonly (keyof FaultInjection)[];
export declare function checkFaultInjection({ latency, rateLimit, writeLimit, faults, consistency, seed, }: FaultInjection): CheckedFaultInjection;

// routes/index.d.ts

export type { KVPair, NamespaceInfo, Namespaces, StoreNamespace } from "../backend.ts";
export { answerError, failure } from "./envelope.ts";
export { createRoutes } from "./app.ts";
export type { RoutesOptions } from "./app.ts";
export { authenticationError, equalBytes, tokenOf } from "./credentials.ts";
export { CACHE_TTL_RANGE, cacheTtlOf, isCacheTtl } from "./cache-ttl.ts";
export { ApiError, CODE } from "./errors.ts";
export type { Place, PlaceVariables } from "./place.ts";
export type { ErrorStatus } from "./errors.ts";
export { MAX_BULK_GET_BYTES, bulkGetTooLarge } from "./bulk-get-size.ts";
export { KEPT_TO_ORIGIN, isForeignPage, refuseForeignPages } from "./foreign-pages.ts";
export type { ForeignPageOptions, ReadHeader } from "./foreign-pages.ts";
export { foreignName, isLoopback } from "./loopback.ts";
export { MAX_MULTIPART_OVERHEAD_BYTES } from "./multipart.ts";

// routes/envelope.d.ts

import type { Context } from "hono";
export declare function ok(c: Context, result: unknown, resultInfo?: object): Response;
export declare function whole(c: Context, body: string | ArrayBuffer, headers: Record<string, string>): Response;
export declare function failure(code: number, message: string): object;
export declare function answerError(error: Error, c: Context): Response;

// routes/credentials.d.ts

import type { Context } from "hono";
import { ApiError } from "./errors.ts";
export declare function tokenOf(c: Context): string;
export declare function equalBytes(expected: Uint8Array, given: Uint8Array): boolean;
export declare function authenticationError(): ApiError;

// routes/cache-ttl.d.ts

import type { Seconds } from "@kvplug/core/seam";
import type { Context } from "hono";
export declare const CACHE_TTL_RANGE: string;
export declare function isCacheTtl(seconds: number): boolean;
export declare function cacheTtlOf(c: Context): Seconds | undefined;

// routes/errors.d.ts

export declare const CODE: {
    readonly notRouted: 7003;
    readonly rateLimit: 971;
    readonly authentication: 10000;
    readonly unavailable: 10001;
    readonly page: 10007;
    readonly perPage: 10008;
    readonly keyNotFound: 10009;
    readonly value: 10012;
    readonly namespaceNotFound: 10013;
    readonly titleTaken: 10014;
    readonly tooManyNamespaces: 10018;
    readonly title: 10019;
    readonly key: 10023;
    readonly order: 10024;
    readonly direction: 10025;
    readonly tooManyKeys: 10027;
    readonly metadata: 10028;
    readonly notText: 10029;
    readonly dailyLimit: 10048;
    readonly writeLimit: 10429;
    readonly storage: 10503;
    readonly storageFull: 10507;
    readonly outOfScope: 10403;
    readonly unsupported: 10405;
};
export type ErrorStatus = 400 | 403 | 404 | 405 | 413 | 414 | 429 | 500 | 502 | 503 | 504 | 507;
export declare class ApiError extends Error {
    name: string;
    readonly status: ErrorStatus;
    readonly code: number;
    constructor(status: ErrorStatus, code: number, message: string);
}
export declare function notRouted(path: string): ApiError;
export declare function keyNotFound(operation: string): ApiError;
export declare function namespaceNotFound(operation: string): ApiError;

// routes/place.d.ts

import type { ApiError } from "./errors.ts";
export interface Place {
    holdBody(bytes: number): ApiError | undefined;
    holdAnswer(bytes: number): ApiError | undefined;
}
export interface PlaceVariables {
    place?: Place;
}

// routes/bulk-get-size.d.ts

import type { StoreNamespace } from "../backend.ts";
import { ApiError } from "./errors.ts";
export declare const MAX_BULK_GET_BYTES: number;
export declare function checkBulkGetSize(kv: StoreNamespace, keys: readonly string[]): Promise<void>;
export declare function bulkGetTooLarge(keys: number, bytes: number): ApiError;

// routes/foreign-pages.d.ts

import type { MiddlewareHandler } from "hono";
export declare const KEPT_TO_ORIGIN: Readonly<Record<string, string>>;
export type ReadHeader = (name: string) => string | undefined;
export interface ForeignPageOptions {
    links?: boolean | undefined;
}
export declare function isForeignPage(header: ReadHeader, { links }?: ForeignPageOptions): boolean;
export declare const refuseForeignPages: MiddlewareHandler;

// routes/loopback.d.ts

import type { ReadHeader } from "./foreign-pages.ts";
export declare function foreignName(header: ReadHeader): "Host" | "Origin" | undefined;
export declare function isLoopback(host: string): boolean;

// routes/multipart.d.ts

export declare const MAX_MULTIPART_OVERHEAD_BYTES: number;
export declare function isMultipart(contentType: string): boolean;
export declare function parseForm(body: Uint8Array, contentType: string): {
    value: Uint8Array;
    metadata?: unknown;
};

// access/index.d.ts

export { ALL } from "./grant.ts";
export type { Grant } from "./grant.ts";
export { KeyScope } from "./key-scope.ts";
export { listParts } from "./list-parts.ts";
export { parseToken, parseTokenJson } from "./parse-token.ts";
export type { ParsedToken } from "./parse-token.ts";
export { isRead, refuseWrites } from "./refuse-writes.ts";
export { TOKEN_SECRET_PREFIX, createToken, hashToken } from "./token.ts";
export type { TokenAccess, TokenSecret } from "./token.ts";
export { Tokens, usableTokens } from "./tokens.ts";
export type { NamedTokens } from "./tokens.ts";

// access/grant.d.ts

import type { TokenAccess } from "./token.ts";
export interface Grant {
    readonly access: TokenAccess;
    readonly namespaces: readonly string[] | undefined;
    readonly prefixes: readonly string[] | undefined;
}
export declare const ALL: Grant;

// access/key-scope.d.ts

import type { Grant } from "./grant.ts";
export declare class KeyScope {
    #private;
    constructor({ prefixes }: Pick<Grant, "prefixes">);
    check(key: string): void;
    partsOf(prefix: string): readonly string[];
}

// access/list-parts.d.ts

import type { KVListOptions, KVListResult, KVNamespace } from "@kvplug/core/seam";
export declare function listParts<Metadata>(kv: Pick<KVNamespace<any>, "list">, parts: readonly string[], { limit, cursor }: KVListOptions): Promise<KVListResult<Metadata>>;

// access/parse-token.d.ts

import type { Grant } from "./grant.ts";
export interface ParsedToken extends Grant {
    readonly sha256: Uint8Array;
}
export declare function parseToken(secret: unknown): ParsedToken | string;
export declare function parseTokenJson(json: unknown): ParsedToken | string;

// access/refuse-writes.d.ts

import type { MiddlewareHandler } from "hono";
import type { Grant } from "./grant.ts";
export declare function isRead(method: string, path: string): boolean;
export declare const refuseWrites: MiddlewareHandler<{
    Bindings: any;
    Variables: {
        grant: Grant;
    };
}>;

// access/token.d.ts

export type TokenAccess = "read" | "read-write";
export interface TokenSecret {
    sha256: string;
    access: TokenAccess;
    namespaces?: readonly string[] | undefined;
    prefixes?: readonly string[] | undefined;
}
export declare const TOKEN_SECRET_PREFIX = "KVPLUG_TOKEN_";
export declare function createToken(): string;
export declare function hashToken(token: string): Promise<string>;
export declare function digest(text: string): Promise<Uint8Array>;

// access/tokens.d.ts

import type { Grant } from "./grant.ts";
import type { ParsedToken } from "./parse-token.ts";
export type NamedTokens = Readonly<Record<string, ParsedToken | string>>;
export declare class Tokens<Token extends Grant & {
    readonly sha256: Uint8Array;
} = ParsedToken> {
    #private;
    constructor(tokens: readonly Token[]);
    grantOf(token: string): Promise<Token | undefined>;
}
export declare function usableTokens(named: NamedTokens, refuse: (name: string, why: string) => void): ParsedToken[];

// http.d.ts

export { authenticate, onlyLoopback, refuseDotSegments } from "./guard.ts";
export { listen } from "./listen.ts";
export type { Listener, Place } from "./listen.ts";
export { countRequests, routeOf } from "./request-counts.ts";
export type { RequestCounts } from "./request-counts.ts";
export { setHeader } from "./routes/answer-header.ts";

// guard.d.ts

import type { Context, MiddlewareHandler } from "hono";
export declare function authenticate(token: string, session?: (c: Context) => boolean): MiddlewareHandler;
export declare const onlyLoopback: MiddlewareHandler;
export declare const refuseDotSegments: MiddlewareHandler<{
    Bindings: {
        incoming: {
            url?: string;
        };
    };
}>;

// listen.d.ts

import type { Hono } from "hono";
export type Place = {
    readonly host: string;
    readonly port: number;
} | {
    readonly socket: string;
};
export interface Listener {
    readonly port: number;
    close(): Promise<void>;
    cut(): void;
}
export declare function listen(app: Hono, place: Place): Promise<Listener>;

// routes/answer-header.d.ts

import type { Context } from "hono";
export declare function setHeader(c: Context, name: string, value: string): void;

// upstream/index.d.ts

export { BudgetSpent, toApiError } from "./upstream-error.ts";
export { UpstreamNamespaces } from "./upstream-namespaces.ts";

// upstream/upstream-error.d.ts

import type { Seconds } from "@kvplug/core/seam";
import { ApiError } from "../routes/errors.ts";
export declare class BudgetSpent extends ApiError {
    name: string;
    readonly retryAfter: Seconds;
    constructor(message: string, code: number, retryAfter: Seconds);
}
export declare function toApiError(error: unknown): unknown;

// upstream/upstream-namespaces.d.ts

import type { KVClient } from "@kvplug/core";
import type { KVCallOptions } from "@kvplug/core/seam";
import type { NamespaceInfo, Namespaces } from "../backend.ts";
export declare class UpstreamNamespaces implements Omit<Namespaces, "open"> {
    #private;
    constructor(client: KVClient, calling?: KVCallOptions);
    list(): Promise<NamespaceInfo[]>;
    get(id: string): Promise<NamespaceInfo | undefined>;
    create(title: string): Promise<NamespaceInfo | undefined>;
    rename(id: string, title: string): Promise<NamespaceInfo | undefined>;
    delete(id: string): Promise<void>;
}
