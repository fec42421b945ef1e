import { EventEmitter } from "node:events";
import type { AdapterOptionNames, KVNamespace } from "@kvplug/core";
import {
  describe,
  endOfTick,
  forEachKey,
  getEntries,
  kindOf,
  KVError,
  listPages,
  MAX_BULK_GET_KEYS,
  Presence,
  quoteKey,
  readsWithin,
  PendingPromises,
  type KVListKey,
  type Milliseconds,
} from "@kvplug/core/seam";
import { Clearings } from "./clearings.ts";
import { KeyNames } from "./key-names.ts";
import { settingsOf, type KeyvKVOptions } from "./options.ts";
import { isGood, putOptionsOf, timeLeft } from "./record.ts";
import { Removals } from "./removals.ts";

/** What a storage adapter emits: `error` for a call that failed, where somebody listens, as Keyv does. */
export type KeyvKVEvents = Record<"error", [error: unknown]>;

/** What the contracts of Keyv 5 and Keyv 6 have in common; they differ in `set`, `setMany` and `deleteMany`. */
export abstract class AnyKeyvKV extends EventEmitter<KeyvKVEvents> {
  /** What Keyv 5 and NestJS look at to tell a storage adapter. It holds no secret. */
  readonly opts: { dialect: string; url: string };
  /** What it stands on. */
  readonly kv: KVNamespace<any>;
  readonly #close: () => Promise<void>;
  readonly #names: KeyNames;
  /** `kv`, as long as a read waits. */
  readonly #reads: Pick<KVNamespace<any>, "getWithMetadata">;
  readonly #presence: Presence;
  readonly #removals: Removals;
  readonly #clearings: Clearings;
  readonly #pending = new PendingPromises();
  #namespace: string | undefined;

  /**
   * @param given A `KVNamespace` of any kind, which stays the caller's to close, or the options of a driver.
   * @param options With a namespace as the first argument: `namespace`, `keyPrefixSeparator`, `deadline`, `clearBatchSize`, `layer`.
   * @param adapter For whoever stands on it: what errors call it, and which options they took out before. Default: `KeyvKV`.
   * @throws {KVError} `KV_INVALID` for an option that does not exist or cannot be.
   */
  constructor(
    given: KVNamespace<any> | KeyvKVOptions = {},
    options: Omit<KeyvKVOptions, "kv"> = {},
    adapter: AdapterOptionNames = { name: "KeyvKV", options: [] },
  ) {
    super();
    const settings = settingsOf(given, options, adapter);
    this.kv = settings.kv;
    this.#close = settings.close;
    this.#names = new KeyNames(settings.own);
    this.#namespace = settings.own.namespace;
    const reads = readsWithin(this.kv, settings.deadline);
    this.#reads = reads;
    this.#presence = new Presence(reads, isGood, settings.deadline);
    this.#removals = new Removals(this.kv, {
      presence: this.#presence,
      isGood,
      deadline: settings.deadline,
      onError: (error) => this.emit("error", error),
    });
    this.#clearings = new Clearings(this.kv, settings.clearBatchSize);
    // Keyv 5 iterates over the databases that it knows, or whose url names one of them.
    this.opts = { dialect: "cloudflare-kv", url: "cloudflare-kv://iterates-like-redis" };
    // One adapter may serve any number of Keyvs, each of which listens.
    this.setMaxListeners(0);
  }

  /**
   * The namespace that goes before each key. Keyv sets it. The one that the options named stays where Keyv sets its
   * default, `keyv`, or nothing.
   *
   * @throws {KVError} `KV_INVALID` where it holds the separator.
   */
  get namespace(): string | undefined {
    return this.#namespace;
  }

  set namespace(namespace: string | undefined) {
    this.#names.use(namespace);
    // Keyv 5 iterates over keys in which it finds what it set.
    this.#namespace = namespace;
  }

  /** Stands between namespace and key. */
  get keyPrefixSeparator(): string {
    return this.#names.separator;
  }

  /**
   * The value; `undefined` where there is none, or where its time is over. An expired one is left to KV to reclaim.
   *
   * @typeParam Value What Keyv's own types call it. It is text.
   */
  async get<Value = string>(key: string): Promise<Value | undefined> {
    try {
      const name = this.#nameOf(key);
      if (this.#isGone(name)) return await this.#miss(undefined);
      const { value, metadata } = await this.#reads.getWithMetadata(name);
      return value !== null && isGood(metadata) ? (value as Value) : undefined;
    } catch (error) {
      this.emit("error", error);
      return undefined;
    }
  }

  /** The values in the order asked for, `undefined` for each that is missing: a hundred a request. Of their type as in {@link get}. */
  async getMany<Value = string>(keys: readonly string[]): Promise<(Value | undefined)[]> {
    try {
      const names = keys.map((key) => this.#nameOf(key));
      const gone = names.map((name) => this.#isGone(name));
      const entries = await getEntries(
        this.#reads,
        names.filter((_, i) => !gone[i]),
      );
      const left = entries.values();
      const values = gone.map((isGone) => {
        const entry = isGone ? null : left.next().value!;
        return entry !== null && isGood(entry.metadata) ? (entry.value as Value) : undefined;
      });
      return await this.#miss(values);
    } catch (error) {
      this.emit("error", error);
      return keys.map(() => undefined);
    }
  }

  /** Deletes a key, and tells whether it was there. What is written to it after this call stays. */
  async delete(key: string): Promise<boolean> {
    return this.#pending.add(this.#removals.remove(this.#nameOf(key)));
  }

  /** The value, which is then deleted: two requests, so two processes may both have it. Those who ask for it later here do not. */
  async take(key: string): Promise<string | undefined> {
    const name = this.#nameOf(key);
    return this.#pending.add(this.#removals.take(name, this.get(key)));
  }

  /** Deletes all of them, 10,000 a request, without a look whether they are there. @throws {KVBulkError} with the keys that failed. */
  async discard(keys: readonly string[]): Promise<void> {
    await forEachKey(keys, async (key) => this.#pending.add(this.kv.delete(this.#nameOf(key))));
  }

  /** Whether a key is there. Asked for alone it downloads no value over REST. */
  async has(key: string): Promise<boolean> {
    const [there] = await this.hasMany([key]);
    return there!;
  }

  /** Whether the keys are there, in the order asked for. */
  async hasMany(keys: readonly string[]): Promise<boolean[]> {
    try {
      const names = keys.map((key) => this.#nameOf(key));
      return await Promise.all(
        names.map((name) => (this.#isGone(name) ? this.#miss(false) : this.#presence.has(name))),
      );
    } catch (error) {
      this.emit("error", error);
      return keys.map(() => false);
    }
  }

  /**
   * Deletes all keys of the namespace; without a namespace, all of the KV namespace. Reads see nothing of them from the
   * call on. What this adapter was given to write before, or in the turn of the call, is deleted with them; what it is
   * given later stays.
   *
   * @throws {KVError} `KV_INVALID` where the namespace was set to nothing, and not left out.
   */
  async clear(): Promise<void> {
    await this.#clearings.clear(this.#names.prefixToClear, () => this.#pending.settled());
  }

  /**
   * Deletes the keys of the namespace that begin with a prefix, as {@link clear} does: a request for a thousand names,
   * and one for ten thousand deletes.
   *
   * @throws {KVError} `KV_INVALID` for a prefix that is empty, or no text.
   */
  async deleteByPrefix(prefix: string): Promise<void> {
    if (typeof prefix !== "string" || prefix === "") {
      throw new KVError(
        "KV_INVALID",
        `deleteByPrefix needs a text that is not empty, not ${describe(prefix)}. To delete all keys, call clear().`,
      );
    }
    await this.#clearings.clear(this.#names.prefixOf(prefix), () => this.#pending.settled());
  }

  /** All keys of the namespace, without its prefix, with their values. A page of 1,000 is held at a time. */
  async *iterator(): AsyncGenerator<[key: string, value: string]> {
    for await (const page of listPages(this.kv, this.#names.prefix)) {
      const names = page.filter((listed) => this.#isListed(listed)).map(({ name }) => name);
      const entries = await getEntries(this.kv, names);
      for (const [i, entry] of entries.entries()) {
        if (entry !== null && isGood(entry.metadata)) yield [this.#names.keyOf(names[i]!), entry.value!];
      }
    }
  }

  /** The keys of the namespace that begin with a prefix, without the namespace's own and without their values: 1,000 a request. Default: all. */
  async *keys(prefix = ""): AsyncGenerator<string> {
    for await (const page of listPages(this.kv, this.#names.prefixOf(prefix))) {
      for (const listed of page) if (this.#isListed(listed)) yield this.#names.keyOf(listed.name);
    }
  }

  /** How long a key is still good, in milliseconds; -1 where it does not expire, -2 where there is none, as Redis tells it. */
  async ttl(key: string): Promise<Milliseconds> {
    const name = this.#nameOf(key);
    if (this.#isGone(name)) return this.#miss(-2);
    const { value, metadata } = await this.#reads.getWithMetadata(name);
    if (value === null || !isGood(metadata)) return -2;
    const left = timeLeft(metadata);
    return left === Number.POSITIVE_INFINITY ? -1 : left;
  }

  /** Settles what was written. A driver that was opened here is closed; a namespace that was given stays open. */
  async disconnect(): Promise<void> {
    await this.#settled();
    await this.#close();
  }

  /** Resolves when all is done that was called before. */
  async #settled(): Promise<void> {
    // Keyv makes text of values on the way here, which takes until then.
    await new Promise<void>(endOfTick);
    await this.#pending.settled();
  }

  /** @param until Milliseconds since 1970; `undefined`: no expiry. What is over already takes the key away. */
  protected async write(key: string, value: unknown, until: Milliseconds | undefined): Promise<void> {
    if (typeof value !== "string") {
      throw new KVError(
        "KV_INVALID",
        `The value of ${quoteKey(key)} must be text, not ${kindOf(value)}. Keyv makes text of values, unless its serializer is turned off.`,
        { key },
      );
    }
    const name = this.#nameOf(key);
    if (until !== undefined && until <= Date.now()) {
      await this.#pending.add(this.kv.delete(name));
      return;
    }
    const writing = this.#pending.add(this.kv.put(name, value, putOptionsOf(until)));
    this.#removals.overtake(name, writing);
    this.#clearings.wrote(name, writing);
    await writing;
  }

  /** Deletes all of them, and tells which were there; of more than a hundred it does not ask, and says `true`. */
  protected async remove(keys: readonly string[]): Promise<boolean[]> {
    const there = keys.map(() => true);
    if (keys.length > MAX_BULK_GET_KEYS) {
      await this.discard(keys);
      return there;
    }
    await forEachKey(keys, async (key, i) => {
      there[i] = await this.delete(key);
    });
    return there;
  }

  /** Whether a record is being deleted or cleared, though the namespace may not know yet. */
  #isGone(name: string): boolean {
    return this.#removals.hides(name) || this.#clearings.hides(name);
  }

  /** What is read of what is gone: who writes it anew for that reason does so later than the clear. */
  async #miss<Answer>(answer: Answer): Promise<Answer> {
    await this.#clearings.begun();
    return answer;
  }

  #isListed({ name, metadata }: KVListKey): boolean {
    return isGood(metadata) && !this.#isGone(name);
  }

  #nameOf(key: string): string {
    if (typeof key === "string") return this.#names.nameOf(key);
    throw new KVError("KV_INVALID", `A key must be a string, not ${describe(key)}.`);
  }
}
