import { checkKey } from "@kvplug/core/seam";

/** Names items in KV: `base:key` if there is a base. */
export class KeyNames {
  readonly #prefix: string;

  constructor(base = "") {
    this.#prefix = prefixOf(base);
  }

  /** @throws {KVError} `KV_LIMIT` or `KV_INVALID` for an invalid key. A Worker's binding would throw its own errors. */
  nameOf(key: string): string {
    const name = this.#prefix + key;
    checkKey(name);
    return name;
  }

  keyOf(name: string): string {
    return name.slice(this.#prefix.length);
  }

  /** What the names of all items under a base begin with: `app` holds `app:x`, not `apple:x`. */
  prefixOf(base = ""): string {
    return this.#prefix + prefixOf(base);
  }
}

/** A base as unstorage writes it: segments with a `:` after each. */
function prefixOf(base: string): string {
  return base
    .split(/[:/\\]+/)
    .filter((segment) => segment !== "")
    .map((segment) => `${segment}:`)
    .join("");
}

/** Whether a key is nested at most this deep; `a` is at 0, `a:b` at 1. */
export function isWithin(maxDepth: number | undefined, key: string): boolean {
  return maxDepth === undefined || key.split(":").length - 1 <= maxDepth;
}
