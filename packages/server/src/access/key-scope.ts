import { quoteKey } from "@kvplug/core/seam";
import { ApiError, CODE } from "../routes/errors.ts";
import type { Grant } from "./grant.ts";

/** The keys of a namespace that a token may see. */
export class KeyScope {
  readonly #prefixes: Grant["prefixes"];

  constructor({ prefixes }: Pick<Grant, "prefixes">) {
    this.#prefixes = prefixes;
  }

  /** @throws {ApiError} 403 for a key that the token may not see, whether or not it is there. */
  check(key: string): void {
    if (this.#prefixes === undefined || this.#prefixes.some((prefix) => key.startsWith(prefix))) return;
    throw new ApiError(
      403,
      CODE.outOfScope,
      `This token does not allow the key ${quoteKey(key)}: it has another prefix.`,
    );
  }

  /**
   * Returns the prefixes to list, in listing order: the requested prefix, as far as the token may access it.
   *
   * @throws {ApiError} 403 if it may access none of it.
   */
  partsOf(prefix: string): readonly string[] {
    if (this.#prefixes === undefined || this.#prefixes.some((own) => prefix.startsWith(own))) return [prefix];
    const within = this.#prefixes.filter((own) => own.startsWith(prefix));
    if (within.length > 0) return within;
    throw new ApiError(403, CODE.outOfScope, `This token does not allow the prefix ${quoteKey(prefix)}.`);
  }
}
