// index.d.ts

export { createKeyv, type KVKeyv } from "./create-keyv.ts";
export type { KeyvKVEvents } from "./any-keyv-kv.ts";
export { KeyvKV, type KeyvEntry, type KeyvWritten } from "./keyv-kv.ts";
export type { KeyvKVOptions } from "./options.ts";

// create-keyv.d.ts

import type { KVNamespace } from "@kvplug/core";
import { Keyv } from "keyv";
import { KeyvKV } from "./keyv-kv.ts";
import type { KeyvKVOptions } from "./options.ts";
export type KVKeyv = Keyv & Pick<KeyvKV, "keys" | "deleteByPrefix">;
export declare function createKeyv(given?: KVNamespace<any> | KeyvKVOptions, options?: Omit<KeyvKVOptions, "kv">): KVKeyv;

// any-keyv-kv.d.ts

import { EventEmitter } from "node:events";
import type { AdapterOptionNames, KVNamespace } from "@kvplug/core";
import { type Milliseconds } from "@kvplug/core/seam";
import { type KeyvKVOptions } from "./options.ts";
export type KeyvKVEvents = Record<"error", [error: unknown]>;
export declare abstract class AnyKeyvKV extends EventEmitter<KeyvKVEvents> {
    #private;
    readonly opts: {
        dialect: string;
        url: string;
    };
    readonly kv: KVNamespace<any>;
    constructor(given?: KVNamespace<any> | KeyvKVOptions, options?: Omit<KeyvKVOptions, "kv">, adapter?: AdapterOptionNames);
    get namespace(): string | undefined;
    set namespace(namespace: string | undefined);
    get keyPrefixSeparator(): string;
    get<Value = string>(key: string): Promise<Value | undefined>;
    getMany<Value = string>(keys: readonly string[]): Promise<(Value | undefined)[]>;
    delete(key: string): Promise<boolean>;
    take(key: string): Promise<string | undefined>;
    discard(keys: readonly string[]): Promise<void>;
    has(key: string): Promise<boolean>;
    hasMany(keys: readonly string[]): Promise<boolean[]>;
    clear(): Promise<void>;
    deleteByPrefix(prefix: string): Promise<void>;
    iterator(): AsyncGenerator<[key: string, value: string]>;
    keys(prefix?: string): AsyncGenerator<string>;
    ttl(key: string): Promise<Milliseconds>;
    disconnect(): Promise<void>;
    protected write(key: string, value: unknown, until: Milliseconds | undefined): Promise<void>;
    protected remove(keys: readonly string[]): Promise<boolean[]>;
}

// keyv-kv.d.ts

import { type Milliseconds } from "@kvplug/core/seam";
import { AnyKeyvKV } from "./any-keyv-kv.ts";
export interface KeyvEntry {
    key: string;
    value: string;
    ttl?: Milliseconds | undefined;
}
export type KeyvWritten = boolean[] & void;
export declare class KeyvKV extends AnyKeyvKV {
    set(key: string, value: string, ttl?: Milliseconds | null): Promise<boolean>;
    setMany(entries: readonly KeyvEntry[]): Promise<KeyvWritten>;
    deleteMany(keys: readonly string[]): Promise<boolean>;
}

// options.d.ts

import { type AdapterOptionNames, type KVNamespace, type KVOptions, type OpenNamespace } from "@kvplug/core";
import { type Milliseconds } from "@kvplug/core/seam";
import { type OwnNamespace } from "./key-names.ts";
import { type OfficialNames } from "./official-names.ts";
export interface KeyvKVOptions extends KVOptions, OfficialNames {
    kv?: KVNamespace<any>;
    namespace?: string | undefined;
    keyPrefixSeparator?: string;
    hashLongKeys?: boolean;
    deadline?: Milliseconds;
    clearBatchSize?: number;
    layer?: (kv: KVNamespace<any>) => KVNamespace<any>;
}
export interface Settings {
    readonly kv: KVNamespace<any>;
    readonly own: OwnNamespace;
    readonly deadline: Milliseconds;
    readonly clearBatchSize: number;
    readonly close: OpenNamespace["close"];
}
export declare function settingsOf(given: KVNamespace<any> | KeyvKVOptions, more: KeyvKVOptions, { name, options: others }: AdapterOptionNames): Settings;

// bentocache.d.ts

import { type KVNamespace, type KVOptions, type OpenNamespace } from "@kvplug/core";
import { type Milliseconds } from "@kvplug/core/seam";
import { KeyvKV } from "./keyv-kv.ts";
import { WarnOnce } from "./warn-once.ts";
export interface KVDriverOptions extends KVOptions {
    kv?: KVNamespace<any>;
    deadline?: Milliseconds;
    hashLongKeys?: boolean;
    prefix?: string;
}
export interface KVDriverResult {
    readonly options: {
        readonly prefix?: string;
    };
    readonly factory: (config: {
        prefix?: string;
    }) => KVDriver;
}
export declare function kvDriver(given?: KVNamespace<any> | KVDriverOptions, more?: Omit<KVDriverOptions, "kv">): KVDriverResult;
export declare class KVDriver {
    #private;
    readonly type = "l2";
    readonly name = "cloudflare-kv";
    constructor(open: OpenNamespace, prefix: string, records: KeyvKV, warning?: WarnOnce);
    namespace(namespace: string): KVDriver;
    get(key: string): Promise<string | undefined>;
    pull(key: string): Promise<string | undefined>;
    set(key: string, value: string, ttl?: Milliseconds): Promise<boolean>;
    delete(key: string): Promise<boolean>;
    deleteMany(keys: readonly string[]): Promise<boolean>;
    clear(): Promise<void>;
    disconnect(): Promise<void>;
}

// v6.d.ts

import type { KVNamespace } from "@kvplug/core";
import { type Milliseconds } from "@kvplug/core/seam";
import { AnyKeyvKV } from "./any-keyv-kv.ts";
import type { KeyvKVOptions } from "./options.ts";
export type { KeyvKVEvents } from "./any-keyv-kv.ts";
export type { KeyvKVOptions } from "./options.ts";
export interface KeyvEntry6 {
    key: string;
    value: unknown;
    expires?: Milliseconds | undefined;
}
declare const METHODS: readonly ["get", "getMany", "has", "hasMany", "set", "setMany", "delete", "deleteMany", "clear", "disconnect", "iterator"];
export interface Capabilities {
    compatible: true;
    store: "keyvStorage";
    methods: Record<(typeof METHODS)[number], {
        exists: true;
        methodType: "async";
    }>;
    expires: true;
}
export declare class KeyvKV6 extends AnyKeyvKV {
    constructor(given?: KVNamespace<any> | KeyvKVOptions, options?: Omit<KeyvKVOptions, "kv">);
    readonly capabilities: Capabilities;
    set(key: string, value: unknown, expires?: Milliseconds): Promise<boolean>;
    setMany(entries: readonly KeyvEntry6[]): Promise<boolean[]>;
    deleteMany(keys: readonly string[]): Promise<boolean[]>;
}
