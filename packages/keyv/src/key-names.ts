import { describe, KVError, nameOfLong, quoteKey } from "@kvplug/core/seam";

/** The namespace of a Keyv 5 that was given none. */
const KEYV_DEFAULT = "keyv";

/** The adapter's own namespace, and the separator after it. */
export interface OwnNamespace {
  readonly namespace: string | undefined;
  /** Whether it was set to an empty value, such as an unset environment variable, rather than left out. */
  readonly isNothing: boolean;
  readonly separator: string;
  /** Whether a key that is too long is hashed. */
  readonly hashLongKeys: boolean;
}

/** How records are named in KV: `namespace::key`. Always, so that no two keys share a record. */
export class KeyNames {
  readonly separator: string;
  readonly #own: string | undefined;
  readonly #hashLongKeys: boolean;
  #isNothing: boolean;
  #prefix: string;

  /** @throws {KVError} `KV_INVALID` for a namespace under whose prefix the keys of another would fall. */
  constructor({ namespace, isNothing, separator, hashLongKeys }: OwnNamespace) {
    this.#hashLongKeys = hashLongKeys;
    this.separator = separator;
    this.#own = namespace;
    this.#isNothing = isNothing;
    this.#prefix = this.#spell(namespace);
  }

  /**
   * Puts a host's namespace in place of the own one, unless it is nothing, or what Keyv 5 sets that was given none.
   *
   * @throws {KVError} `KV_INVALID` for a namespace under whose prefix the keys of another would fall.
   */
  use(namespace: string | null | undefined): void {
    const given = namespaceOf(namespace);
    this.#prefix = this.#spell((given === KEYV_DEFAULT ? this.#own : undefined) ?? given ?? this.#own);
    this.#isNothing ||= given === undefined;
  }

  /** What all records of the namespace begin with. */
  get prefix(): string {
    return this.#prefix;
  }

  /**
   * The prefix, for a call that deletes everything under it.
   *
   * @throws {KVError} `KV_INVALID` if that is the whole KV, and the namespace was not left out on purpose.
   */
  get prefixToClear(): string {
    if (this.#prefix !== "" || !this.#isNothing) return this.#prefix;
    throw new KVError(
      "KV_INVALID",
      "This would delete the whole KV namespace, since the adapter's namespace is set but empty: is an environment variable missing? Name a namespace, or leave the option out if this adapter owns all of KV.",
    );
  }

  nameOf(key: string): string {
    return this.#hashLongKeys ? nameOfLong(this.#prefix, key) : this.#prefix + key;
  }

  /** What the records of all keys begin with that begin with a prefix. */
  prefixOf(prefix: string): string {
    return this.#prefix + prefix;
  }

  /**
   * The same, for a call that deletes everything under it.
   *
   * @throws {KVError} `KV_INVALID` if the prefix is empty or not a string.
   */
  prefixToDelete(prefix: unknown): string {
    if (typeof prefix === "string" && prefix !== "") return this.prefixOf(prefix);
    throw new KVError(
      "KV_INVALID",
      `deleteByPrefix needs a non-empty string, not ${describe(prefix)}. To delete all keys, call clear().`,
    );
  }

  keyOf(name: string): string {
    return name.slice(this.#prefix.length);
  }

  #spell(namespace: string | undefined): string {
    if (namespace === undefined) return "";
    if (typeof namespace !== "string") {
      throw new KVError("KV_INVALID", `namespace must be a string, not ${describe(namespace)}.`);
    }
    const prefix = namespace + this.separator;
    if (prefix.indexOf(this.separator) === namespace.length) return prefix;
    throw new KVError(
      "KV_INVALID",
      `The namespace ${quoteKey(namespace)} overlaps the separator ${quoteKey(this.separator)}, so another namespace's keys could begin with its prefix. Choose another name, or another keyPrefixSeparator.`,
    );
  }
}

/** A namespace as it is given; an empty one is none. */
export function namespaceOf(given: string | null | undefined): string | undefined {
  return given === null || given === "" ? undefined : given;
}

/** @throws {KVError} `KV_INVALID` */
export function checkSeparator(separator: unknown): void {
  if (typeof separator === "string" && separator !== "") return;
  throw new KVError("KV_INVALID", `keyPrefixSeparator must be a non-empty string, not ${describe(separator)}.`);
}
