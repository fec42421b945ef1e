// index.d.ts

export { createGateway } from "./create-gateway.ts";
export type { Gateway } from "./create-gateway.ts";
export type { BoundNamespaceOption, GatewayOptions } from "./options.ts";
export { createToken, hashToken } from "@kvplug/server/access";
export type { TokenAccess, TokenSecret } from "@kvplug/server/access";

// create-gateway.d.ts

import type { GatewayOptions } from "./options.ts";
export interface Gateway {
    fetch(request: Request, env: object): Promise<Response>;
}
export declare function createGateway(options: GatewayOptions): Gateway;

// options.d.ts

import type { Seconds } from "@kvplug/core/seam";
export interface BoundNamespaceOption {
    id: string;
    title?: string | undefined;
}
export interface GatewayOptions {
    namespaces: Readonly<Record<string, string | BoundNamespaceOption>>;
    account?: string | undefined;
    cacheTtl?: Seconds | undefined;
}
export interface ServedNamespace {
    readonly binding: string;
    readonly id: string;
    readonly title: string;
}
export interface CheckedOptions {
    readonly namespaces: readonly ServedNamespace[];
    readonly account: string | undefined;
    readonly cacheTtl: Seconds | undefined;
}
export declare function checkOptions(options: GatewayOptions): CheckedOptions;

// project.d.ts

import type { TokenAccess } from "@kvplug/server/access";
export interface ProjectOptions {
    namespaces: readonly {
        id: string;
        title: string;
    }[];
    name?: string | undefined;
    account?: string | undefined;
    access?: TokenAccess | undefined;
}
export interface GatewayProject {
    readonly files: Readonly<Record<string, string>>;
    readonly token: string;
}
export declare function createProject(options: ProjectOptions): Promise<GatewayProject>;
export declare function writeProject(folder: string, files: GatewayProject["files"]): Promise<void>;

// check.d.ts

import type { Milliseconds } from "@kvplug/core/seam";
export interface CheckOptions {
    token: string;
    namespace?: string | undefined;
    account?: string | undefined;
    prefix?: string | undefined;
}
export type CheckName = "gateway" | "auth" | "write" | "read" | "delete" | "latency";
export interface CheckStep {
    readonly name: CheckName;
    readonly ok: boolean;
    readonly detail: string;
    readonly elapsed: Milliseconds;
}
export declare function checkGateway(url: string, options: CheckOptions): AsyncGenerator<CheckStep>;
