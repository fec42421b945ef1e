/**
 * Who may ask for what: tokens that are known by their hashes, and their scopes by namespace, prefix, and read or write.
 * For a gateway and a proxy alike; web APIs only.
 *
 * @module
 */
export { ALL } from "./grant.ts";
export type { Grant } from "./grant.ts";
export { KeyScope } from "./key-scope.ts";
export { listParts } from "./list-parts.ts";
export { parseToken, parseTokenJson } from "./parse-token.ts";
export type { ParsedToken } from "./parse-token.ts";
export { isRead, refuseWrites } from "./refuse-writes.ts";
export { TOKEN_SECRET_PREFIX, createToken, hashToken } from "./token.ts";
export type { TokenAccess, TokenSecret } from "./token.ts";
export { Tokens, usableTokens } from "./tokens.ts";
export type { NamedTokens } from "./tokens.ts";
