// index.d.ts

export { createGateway } from "./create-gateway.ts";
export type { Gateway } from "./create-gateway.ts";
export type { BoundNamespaceOption, GatewayOptions } from "./options.ts";
export { createToken, hashToken } from "./token.ts";
export type { TokenAccess, TokenSecret } from "./token.ts";

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

// token.d.ts

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
