// index.d.ts

export { createProxy } from "./create-proxy.ts";
export type { RunningProxy } from "./create-proxy.ts";
export type { ProxyLog } from "./log.ts";
export type { ProxyOptions } from "./options.ts";
export type { ProxyBudgetOptions } from "./shared-budget/budget-option.ts";
export type { ProxyStats } from "./stats.ts";
export type { ProxyToken } from "./tokens-option.ts";
export { createToken, hashToken } from "@kvplug/server/access";
export type { TokenAccess, TokenSecret } from "@kvplug/server/access";

// create-proxy.d.ts

import type { ProxyOptions } from "./options.ts";
import type { ProxyStats } from "./stats.ts";
export interface RunningProxy extends AsyncDisposable {
    readonly url: string;
    readonly port: number;
    stats(): ProxyStats;
    close(): Promise<void>;
}
export declare function createProxy(options?: ProxyOptions): Promise<RunningProxy>;

// log.d.ts

export interface ProxyLog {
    debug(about: object, message: string): void;
    info(about: object, message: string): void;
    warn(about: object, message: string): void;
}
export declare const SILENT: ProxyLog;

// options.d.ts

import type { CacheBound, CacheOptions } from "@kvplug/cache";
import type { KVClientOptions } from "@kvplug/core";
import type { Milliseconds } from "@kvplug/core/seam";
import type { Place } from "@kvplug/server/http";
import type { ProxyLog } from "./log.ts";
import type { ProxyBudgetOptions } from "./shared-budget/budget-option.ts";
import type { CheckedTokens, ProxyToken } from "./tokens-option.ts";
export interface ProxyOptions {
    upstream?: Omit<KVClientOptions, "deadline"> | undefined;
    port?: number | undefined;
    host?: string | undefined;
    socket?: string | undefined;
    token?: string | undefined;
    tokens?: Readonly<Record<string, ProxyToken>> | undefined;
    cache?: (CacheOptions & CacheBound) | undefined;
    budget?: ProxyBudgetOptions | undefined;
    patience?: Milliseconds | undefined;
    drain?: Milliseconds | undefined;
    maxHeldBytes?: number | undefined;
    log?: ProxyLog | undefined;
}
export interface CheckedOptions extends CheckedTokens {
    readonly upstream: Omit<KVClientOptions, "deadline">;
    readonly place: Place;
    readonly cache: (CacheOptions & CacheBound) | undefined;
    readonly budget: ProxyBudgetOptions | undefined;
    readonly patience: Milliseconds;
    readonly drain: Milliseconds;
    readonly maxHeldBytes: number;
    readonly log: ProxyLog;
}
export declare function checkOptions(options: ProxyOptions): CheckedOptions;

// shared-budget/budget-option.d.ts

import type { KVClientOptions } from "@kvplug/core";
import type { ProxyLog } from "../log.ts";
export interface ProxyBudgetOptions {
    proxies: number;
    redis?: string | undefined;
}
export interface OpenBudget {
    readonly rateLimit: KVClientOptions["rateLimit"];
    close(): Promise<void>;
}
export declare function checkBudget(budget: unknown, rateLimit: KVClientOptions["rateLimit"]): void;
export declare function openBudget(budget: ProxyBudgetOptions | undefined, rateLimit: KVClientOptions["rateLimit"], log: ProxyLog): Promise<OpenBudget>;

// stats.d.ts

import type { CacheStats } from "@kvplug/cache";
import type { KVBudget, KVStats } from "@kvplug/core";
export interface ProxyStats {
    readonly requests: Readonly<Record<string, number>>;
    readonly running: number;
    readonly heldBytes: number;
    readonly upstream: Partial<KVStats>;
    readonly budget?: KVBudget;
    readonly cache?: CacheStats;
}

// tokens-option.d.ts

import { Tokens } from "@kvplug/server/access";
import type { Grant, TokenSecret } from "@kvplug/server/access";
export interface ProxyToken extends TokenSecret {
    weight?: number | undefined;
}
export interface CheckedTokens {
    readonly tokens: Tokens | undefined;
    readonly hasSeveralTokens: boolean;
    weightOf(grant: Grant): number;
}
export declare function checkTokens(token: unknown, named: unknown): CheckedTokens;
