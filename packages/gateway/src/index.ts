/**
 * A Worker that speaks the KV REST API over its bindings, for tokens with a scope.
 *
 * @module
 */
export { createGateway } from "./create-gateway.ts";
export type { Gateway } from "./create-gateway.ts";
export type { BoundNamespaceOption, GatewayOptions } from "./options.ts";
export { createToken, hashToken } from "./token.ts";
export type { TokenAccess, TokenSecret } from "./token.ts";
