// index.d.ts

export { KVSessions, type KVSessionsEvents, type StoredSession } from "./kv-sessions.ts";
export type { EncryptionOptions, Serializer, SessionOptions, WindowOptions } from "./options.ts";
export type { SessionCookie, SessionData } from "./session-data.ts";

// kv-sessions.d.ts

import { EventEmitter } from "node:events";
import type { KVNamespace } from "@kvplug/core";
import { type SessionOptions } from "./options.ts";
import { type SessionData } from "./session-data.ts";
export interface KVSessionsEvents {
    error: [error: Error];
}
export interface StoredSession {
    readonly id: string | undefined;
    readonly session: SessionData;
}
export declare class KVSessions extends EventEmitter<KVSessionsEvents> {
    #private;
    constructor(given?: KVNamespace<any> | SessionOptions, options?: SessionOptions, check?: (session: SessionData) => void, name?: string);
    get(id: string): Promise<SessionData | null>;
    set(id: string, session: SessionData): Promise<void>;
    touch(id: string, session: SessionData): Promise<void>;
    destroy(id: string): Promise<void>;
    all(): Promise<StoredSession[]>;
    ids(): Promise<string[]>;
    length(): Promise<number>;
    clear(): Promise<void>;
    close(): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
}

// options.d.ts

import { type KVNamespace, type KVOptions, type Milliseconds, type OpenNamespace, type Seconds } from "@kvplug/core";
import type { SessionData } from "./session-data.ts";
export interface Serializer {
    stringify(session: SessionData): string | Promise<string>;
    parse(text: string): SessionData | Promise<SessionData>;
}
export interface EncryptionOptions {
    keys: readonly (string | Uint8Array)[];
}
export interface WindowOptions {
    max?: number;
    maxBytes?: number;
    ttl?: Milliseconds;
}
export interface SessionOptions extends KVOptions {
    kv?: KVNamespace<any>;
    prefix?: string;
    ttl?: Seconds | ((session: any) => Seconds);
    touchAfter?: Seconds;
    disableTouch?: boolean;
    serializer?: Serializer;
    hashIds?: {
        secret: string;
    };
    encryption?: EncryptionOptions;
    cache?: WindowOptions | false;
    durability?: "await" | "behind";
}
export interface Settings {
    readonly open: OpenNamespace;
    readonly prefix: string;
    readonly ttl: Seconds | ((session: SessionData) => Seconds);
    readonly touchAfter: Milliseconds;
    readonly disableTouch: boolean;
    readonly serializer: Serializer;
    readonly secret: string | undefined;
    readonly keys: readonly Uint8Array<ArrayBuffer>[] | undefined;
    readonly window: Readonly<Required<WindowOptions>> | undefined;
    readonly behind: boolean;
}
export declare function settingsOf(name: string, given?: KVNamespace<any> | SessionOptions, more?: SessionOptions): Settings;
export declare function checkSeconds(what: string, value: unknown, least: Seconds): asserts value is Seconds;

// session-data.d.ts

import { type Milliseconds } from "@kvplug/core/seam";
export interface SessionCookie {
    expires?: Date | string | number | null | undefined;
    [attribute: string]: any;
}
export interface SessionData {
    cookie?: SessionCookie | undefined;
    [field: string]: any;
}
export declare function plainOf(session: SessionData): SessionData;
export declare function withoutMoments(plain: SessionData): SessionData;
export declare function cookieEnd(session: SessionData): Milliseconds | undefined;

// express.d.ts

import type { KVNamespace } from "@kvplug/core";
import { Store, type SessionData as ExpressSession } from "express-session";
import { type Callback } from "./callbacks.ts";
import { KVSessions } from "./kv-sessions.ts";
import type { SessionOptions } from "./options.ts";
export type { SessionOptions } from "./options.ts";
export declare class KVStore extends Store {
    #private;
    readonly sessions: KVSessions;
    constructor(given?: KVNamespace<any> | SessionOptions, options?: SessionOptions);
    get(id: string, callback?: Callback<ExpressSession | null>): any;
    set(id: string, session: ExpressSession, callback?: Callback<void>): any;
    touch(id: string, session: ExpressSession, callback?: Callback<void>): any;
    destroy(id: string, callback?: Callback<void>): any;
    all(callback?: Callback<ExpressSession[]>): any;
    ids(callback?: Callback<string[]>): any;
    length(callback?: Callback<number>): any;
    clear(callback?: Callback<void>): any;
    close(): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
}

// fastify.d.ts

import { EventEmitter } from "node:events";
import type { KVNamespace } from "@kvplug/core";
import { type Callback } from "./callbacks.ts";
import { KVSessions, type KVSessionsEvents } from "./kv-sessions.ts";
import type { SessionOptions } from "./options.ts";
export type { SessionOptions } from "./options.ts";
export declare class KVStore extends EventEmitter<KVSessionsEvents> {
    readonly sessions: KVSessions;
    constructor(given?: KVNamespace<any> | SessionOptions, options?: SessionOptions);
    get(id: string, callback?: Callback<any>): any;
    set(id: string, session: any, callback?: Callback<void>): any;
    destroy(id: string, callback?: Callback<void>): any;
    close(): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
}

// koa.d.ts

import { EventEmitter } from "node:events";
import { type Milliseconds } from "@kvplug/core/seam";
import type { KVNamespace } from "@kvplug/core";
import { KVSessions, type KVSessionsEvents } from "./kv-sessions.ts";
import type { SessionOptions } from "./options.ts";
export type { SessionOptions } from "./options.ts";
type KoaSession = Record<string, unknown> & {
    _expire?: Milliseconds;
    _maxAge?: Milliseconds;
};
export declare class KVStore extends EventEmitter<KVSessionsEvents> {
    readonly sessions: KVSessions;
    constructor(given?: KVNamespace<any> | SessionOptions, options?: SessionOptions);
    get(id: string): Promise<KoaSession | undefined>;
    set(id: string, session: KoaSession): Promise<void>;
    destroy(id: string): Promise<void>;
    close(): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
}
