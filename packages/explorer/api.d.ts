// index.d.ts

export { servePage } from "./serve-page.ts";
export type { ServePageOptions } from "./serve-page.ts";
export { PageSession } from "./page-session.ts";
export { MOST_DIFFERENCES, PAGE_HEADER, PROCESS_PATH } from "./protocol.ts";
export type { About, Budget, DiffLine, FaultSettings, Figures, JobRequest, JobState, LoggedRequest, } from "./protocol.ts";

// serve-page.d.ts

import type { MiddlewareHandler } from "hono";
export interface ServePageOptions {
    folder?: string | undefined;
}
export declare function servePage(options?: ServePageOptions): MiddlewareHandler;

// page-session.d.ts

import type { Context, MiddlewareHandler } from "hono";
export declare class PageSession {
    #private;
    link(origin: string): string;
    readonly has: (c: Context) => boolean;
    readonly guard: MiddlewareHandler;
    open(c: Context): Response | undefined;
}

// protocol.d.ts

export declare const PROCESS_PATH = "/-/";
export declare const PAGE_HEADER = "kvplug-page";
export interface About {
    readonly place: "local" | "remote";
    readonly label: string;
    readonly account: string;
    readonly apiURL?: string | undefined;
    readonly readOnly: boolean;
    readonly run: string;
    readonly faults: boolean;
}
export interface Budget {
    readonly requests: number;
    readonly left: number;
    readonly opensIn: number;
    readonly window: number;
}
export interface Figures {
    readonly requests: number;
    readonly counts: Readonly<Record<string, number>>;
    readonly budget?: Budget | undefined;
    readonly hitRate?: number | undefined;
}
export interface LoggedRequest {
    readonly at: number;
    readonly method: string;
    readonly path: string;
    readonly status: number;
    readonly milliseconds: number;
    readonly isPage: boolean;
}
export interface FaultSettings {
    latency?: number | readonly [number, number] | undefined;
    rateLimit?: {
        requests: number;
        window: number;
    } | undefined;
    writeLimit?: boolean | undefined;
    faults?: {
        errors?: number;
        drops?: number;
        html?: number;
        unsuccessfulKeys?: number;
    } | undefined;
    consistency?: {
        propagation: number;
    } | undefined;
}
export type JobRequest = {
    readonly kind: "copy";
    readonly from: string;
    readonly to: string;
    readonly prefix?: string;
} | {
    readonly kind: "export";
    readonly namespace: string;
    readonly prefix?: string;
} | {
    readonly kind: "delete";
    readonly namespace: string;
    readonly keys: readonly string[];
} | {
    readonly kind: "delete-prefix";
    readonly namespace: string;
    readonly prefix: string;
} | {
    readonly kind: "expire";
    readonly namespace: string;
    readonly keys: readonly string[];
    readonly expiration: number | null;
} | {
    readonly kind: "diff";
    readonly first: string;
    readonly second: string;
    readonly prefix?: string;
};
export interface JobState {
    readonly id: string;
    readonly verb: string;
    readonly state: "running" | "paused" | "done" | "failed" | "stopped";
    readonly keys: number;
    readonly bytes: number;
    readonly share?: number | undefined;
    readonly keysPerSecond?: number | undefined;
    readonly secondsLeft?: number | undefined;
    readonly message?: string | undefined;
    readonly namespaces?: readonly string[] | undefined;
    readonly file?: string | undefined;
    readonly lasts?: boolean | undefined;
}
export declare const MOST_DIFFERENCES = 100000;
export interface DiffLine {
    readonly key: string;
    readonly only?: "first" | "second";
    readonly differs?: readonly ("value" | "metadata" | "expiration")[];
}
