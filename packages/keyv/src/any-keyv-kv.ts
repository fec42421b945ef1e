import { EventEmitter } from "node:events";
import type { AdapterOptionNames, KVNamespace } from "@kvplug/core";
import {
  describe,
  endOfTick,
  forEachKey,
  getEntries,
  KVError,
  listPages,
  MAX_BULK_GET_KEYS,
  Presence,
  readsWithin,
  PendingPromises,
  type KVListKey,
  type Milliseconds,
} from "@kvplug/core/seam";
import { Clearings } from "./clearings.ts";
import { KeyNames } from "./key-names.ts";
import { settingsOf, type KeyvKVOptions } from "./options.ts";
import { checkText, isGood, putOptionsOf, timeLeft } from "./record.ts";
import { Removals } from "./removals.ts";

/** What a storage adapter emits: `error` for a failed call if someone listens, as Keyv does. */
export type KeyvKVEvents = Record<"error", [error: unknown]>;

/** What Keyv 5's and Keyv 6's adapters share; they differ in `set`, `setMany` and `deleteMany`. */
export abstract class AnyKeyvKV extends EventEmitter<KeyvKVEvents> {
  /** Keyv 5 and NestJS recognise a storage adapter by this. It contains no secret. */
  readonly opts: { dialect: string; url: string };
  /** The namespace that it uses. */
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
   * @param given Any `KVNamespace`, which you close yourself, or options for a driver.
   * @param options If the first argument is a namespace: `namespace`, `keyPrefixSeparator`, `deadline`,
   *   `clearBatchSize`, `layer`.
   * @param adapter For packages built on this one: the name in errors, and the options that they have already taken
   *   out. Default: `KeyvKV`.
   * @throws {KVError} `KV_INVALID` for an unknown or invalid option.
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
   * The namespace that prefixes each key. Keyv sets it. A namespace from the options stays if Keyv sets its default,
   * `keyv`, or an empty one.
   *
   * @throws {KVError} `KV_INVALID` if it contains the separator.
   */
  get namespace(): string | undefined {
    return this.#namespace;
  }

  set namespace(namespace: string | undefined) {
    this.#names.use(namespace);
    // Keyv 5 iterates over keys in which it finds what it set.
    this.#namespace = namespace;
  }

  /** Comes between namespace and key. */
  get keyPrefixSeparator(): string {
    return this.#names.separator;
  }

  /**
   * Resolves with the value, or `undefined` if it does not exist or has expired. KV removes expired keys itself.
   *
   * @typeParam Value The type that Keyv's own types ask for. The value is text.
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

  /**
   * Resolves with the values in the same order, `undefined` for missing ones: a hundred a request. For `Value`, see
   * {@link get}.
   */
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

  /** Deletes a key, and resolves with whether it existed. Later writes are kept. */
  async delete(key: string): Promise<boolean> {
    return this.#pending.add(this.#removals.remove(this.#nameOf(key)));
  }

  /**
   * Reads a value and deletes it, in two requests: two processes may both get it. Later reads in this process do not.
   */
  async take(key: string): Promise<string | undefined> {
    const name = this.#nameOf(key);
    return this.#pending.add(this.#removals.take(name, this.get(key)));
  }

  /**
   * Deletes all keys, 10,000 a request, without checking whether they exist. @throws {KVBulkError} with the keys that
   * failed.
   */
  async discard(keys: readonly string[]): Promise<void> {
    await forEachKey(keys, async (key) => this.#pending.add(this.kv.delete(this.#nameOf(key))));
  }

  /** Resolves with whether a key exists. Over REST, a single one downloads no value. */
  async has(key: string): Promise<boolean> {
    const [there] = await this.hasMany([key]);
    return there!;
  }

  /** Resolves with whether each key exists, in the same order. */
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
   * Deletes all keys of the namespace; without a namespace, the whole KV namespace. Reads find none of them from the
   * call on. Writes called earlier, or in the same turn, are deleted too; later ones are kept.
   *
   * @throws {KVError} `KV_INVALID` if the namespace was set to an empty value rather than left out.
   */
  async clear(): Promise<void> {
    await this.#clearings.clear(this.#names.prefixToClear, () => this.#pending.settled());
  }

  /**
   * Deletes the namespace's keys that begin with a prefix, as {@link clear} does: one request for each thousand names,
   * and one for each ten thousand deletes.
   *
   * @throws {KVError} `KV_INVALID` if the prefix is empty or not a string.
   */
  async deleteByPrefix(prefix: string): Promise<void> {
    await this.#clearings.clear(this.#names.prefixToDelete(prefix), () => this.#pending.settled());
  }

  /** Yields the namespace's keys, without its prefix, with their values. Holds a page of 1,000 at a time. */
  async *iterator(): AsyncGenerator<[key: string, value: string]> {
    for await (const page of listPages(this.kv, this.#names.prefix)) {
      const names = page.filter((listed) => this.#isListed(listed)).map(({ name }) => name);
      const entries = await getEntries(this.kv, names);
      for (const [i, entry] of entries.entries()) {
        if (entry !== null && isGood(entry.metadata)) yield [this.#names.keyOf(names[i]!), entry.value!];
      }
    }
  }

  /**
   * Yields the namespace's keys that begin with a prefix, without the namespace's own prefix and without values: 1,000
   * a request. Default: all keys.
   */
  async *keys(prefix = ""): AsyncGenerator<string> {
    for await (const page of listPages(this.kv, this.#names.prefixOf(prefix))) {
      for (const listed of page) if (this.#isListed(listed)) yield this.#names.keyOf(listed.name);
    }
  }

  /**
   * Resolves with the remaining milliseconds, as Redis does: -1 if the key does not expire, -2 if it does not exist.
   */
  async ttl(key: string): Promise<Milliseconds> {
    const name = this.#nameOf(key);
    if (this.#isGone(name)) return this.#miss(-2);
    const { value, metadata } = await this.#reads.getWithMetadata(name);
    if (value === null || !isGood(metadata)) return -2;
    const left = timeLeft(metadata);
    return left === Number.POSITIVE_INFINITY ? -1 : left;
  }

  /** Flushes pending writes. Then closes the driver if it was opened here; a namespace that you passed stays open. */
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

  /** @param until Milliseconds since 1970; `undefined`: no expiry. A past one deletes the key. */
  protected async write(key: string, value: unknown, until: Milliseconds | undefined): Promise<void> {
    checkText(key, value);
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

  /**
   * Deletes all keys, and resolves with whether each existed; for more than a hundred it does not check, and each is
   * `true`.
   */
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

  /**
   * The answer for a missing key, given only after a running clear, so that whoever writes the key because of it does
   * so later.
   */
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
