/**
 * One upstream for many processes and languages: the KV REST API with one request budget, shared batches and a cache.
 *
 * @module
 */
export { createProxy } from "./create-proxy.ts";
export type { RunningProxy } from "./create-proxy.ts";
export type { ProxyLog } from "./log.ts";
export type { ProxyOptions } from "./options.ts";
export type { ProxyBudgetOptions } from "./shared-budget/budget-option.ts";
export type { ProxyStats } from "./stats.ts";
export type { ProxyToken } from "./tokens-option.ts";
export { createToken, hashToken } from "@kvplug/server/access";
export type { TokenAccess, TokenSecret } from "@kvplug/server/access";
