import { describe, KVError, quoteKey } from "@kvplug/core/seam";

/** How records are named in KV: `namespace::key`. Always, so that no two keys share a record. */
export class KeyNames {
  readonly separator: string;
  #namespace: string | undefined;
  #prefix = "";

  constructor(separator: string) {
    this.separator = separator;
  }

  get namespace(): string | undefined {
    return this.#namespace;
  }

  /** @throws {KVError} `KV_INVALID` for a namespace under whose prefix the keys of another would fall. */
  set namespace(namespace: string | undefined) {
    if (namespace === undefined || namespace === "") {
      this.#namespace = undefined;
      this.#prefix = "";
      return;
    }
    if (typeof namespace !== "string") {
      throw new KVError("KV_INVALID", `namespace must be a string, not ${describe(namespace)}.`);
    }
    const prefix = namespace + this.separator;
    if (prefix.indexOf(this.separator) !== namespace.length) {
      throw new KVError(
        "KV_INVALID",
        `The namespace ${quoteKey(namespace)} runs into the separator ${quoteKey(this.separator)}, so another namespace's keys could begin with its prefix. Choose another name, or another keyPrefixSeparator.`,
      );
    }
    this.#namespace = namespace;
    this.#prefix = prefix;
  }

  /** What all records of the namespace begin with. */
  get prefix(): string {
    return this.#prefix;
  }

  nameOf(key: string): string {
    return this.#prefix + key;
  }

  keyOf(name: string): string {
    return name.slice(this.#prefix.length);
  }
}

/** @throws {KVError} `KV_INVALID` */
export function checkSeparator(separator: unknown): void {
  if (typeof separator === "string" && separator !== "") return;
  throw new KVError("KV_INVALID", `keyPrefixSeparator must be a string that is not empty, not ${describe(separator)}.`);
}
