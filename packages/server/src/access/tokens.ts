import { equalBytes } from "../routes/credentials.ts";
import type { Grant } from "./grant.ts";
import type { ParsedToken } from "./parse-token.ts";
import { digest } from "./token.ts";

/** Tokens by the names of their secrets, each as it was read, or what is wrong with it. */
export type NamedTokens = Readonly<Record<string, ParsedToken | string>>;

/** Those whom an answer is for. */
export class Tokens<Token extends Grant & { readonly sha256: Uint8Array } = ParsedToken> {
  readonly #tokens: readonly Token[];

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  /** What a token may do; `undefined` where it is none. Takes as long for one as for the other. */
  async grantOf(token: string): Promise<Token | undefined> {
    const given = await digest(token);
    let found: Token | undefined;
    for (const one of this.#tokens) if (equalBytes(one.sha256, given)) found = one;
    return token === "" ? undefined : found;
  }
}

/**
 * The tokens that let somebody in. One that cannot be read does not, nor do two with one hash, since nobody knows which
 * scope is meant.
 *
 * @param refuse Called for each of these with its name, and why.
 */
export function usableTokens(named: NamedTokens, refuse: (name: string, why: string) => void): ParsedToken[] {
  const entries = Object.entries(named);
  const usable: ParsedToken[] = [];
  for (const [name, token] of entries) {
    const twin = entries.find(([other, its]) => other !== name && isSame(its, token));
    if (typeof token === "string") refuse(name, token);
    else if (twin) refuse(name, `${twin[0]} has the same sha256`);
    else usable.push(token);
  }
  return usable;
}

function isSame(a: ParsedToken | string, b: ParsedToken | string): boolean {
  return typeof a !== "string" && typeof b !== "string" && equalBytes(a.sha256, b.sha256);
}
