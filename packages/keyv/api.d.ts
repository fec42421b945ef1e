// index.d.ts

export { createKeyv } from "./create-keyv.ts";
export { KeyvKV, type KeyvEntry, type KeyvKVEvents } from "./keyv-kv.ts";
export type { KeyvKVOptions } from "./options.ts";

// create-keyv.d.ts

import type { KVNamespace } from "@kvplug/core";
import { Keyv } from "keyv";
import type { KeyvKVOptions } from "./options.ts";
export declare function createKeyv(given?: KVNamespace<any> | KeyvKVOptions, options?: Omit<KeyvKVOptions, "kv">): Keyv;

// keyv-kv.d.ts

import { EventEmitter } from "node:events";
import type { KVNamespace } from "@kvplug/core";
import { type Milliseconds } from "@kvplug/core/seam";
import { type KeyvKVOptions } from "./options.ts";
export interface KeyvEntry {
    key: string;
    value: string;
    ttl?: Milliseconds | undefined;
}
export type KeyvKVEvents = Record<"error", [error: unknown]>;
export declare class KeyvKV extends EventEmitter<KeyvKVEvents> {
    #private;
    readonly opts: {
        dialect: string;
        url: string;
    };
    readonly kv: KVNamespace<any>;
    constructor(given?: KVNamespace<any> | KeyvKVOptions, options?: Omit<KeyvKVOptions, "kv">);
    get namespace(): string | undefined;
    set namespace(namespace: string | undefined);
    get keyPrefixSeparator(): string;
    get(key: string): Promise<string | undefined>;
    getMany(keys: readonly string[]): Promise<(string | undefined)[]>;
    set(key: string, value: string, ttl?: Milliseconds | null): Promise<boolean>;
    setMany(entries: readonly KeyvEntry[]): Promise<boolean[]>;
    delete(key: string): Promise<boolean>;
    deleteMany(keys: readonly string[]): Promise<boolean>;
    has(key: string): Promise<boolean>;
    hasMany(keys: readonly string[]): Promise<boolean[]>;
    clear(): Promise<void>;
    iterator(): AsyncGenerator<[key: string, value: string]>;
    keys(): AsyncGenerator<string>;
    ttl(key: string): Promise<Milliseconds>;
    disconnect(): Promise<void>;
}

// options.d.ts

import { type KVNamespace, type KVOptions, type OpenNamespace } from "@kvplug/core";
export interface KeyvKVOptions extends KVOptions {
    kv?: KVNamespace<any>;
    namespace?: string | undefined;
    keyPrefixSeparator?: string;
    clearBatchSize?: number;
}
export interface Settings {
    readonly open: OpenNamespace;
    readonly namespace: string | undefined;
    readonly separator: string;
    readonly clearBatchSize: number;
}
export declare function settingsOf(given?: KVNamespace<any> | KeyvKVOptions, more?: KeyvKVOptions): Settings;
