import type { TokenAccess } from "./token.ts";

/** What a caller may access and do. */
export interface Grant {
  readonly access: TokenAccess;
  /** Ids and titles; `undefined` for all namespaces. */
  readonly namespaces: readonly string[] | undefined;
  /** None of them begins with another, in the order of their UTF-8 bytes; `undefined` for all keys. */
  readonly prefixes: readonly string[] | undefined;
}

/** Everything. */
export const ALL: Grant = Object.freeze({ access: "read-write", namespaces: undefined, prefixes: undefined });
