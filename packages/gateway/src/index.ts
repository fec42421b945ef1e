/**
 * A Worker that speaks the KV REST API over its bindings, for tokens with a scope.
 *
 * @module
 */
export { createGateway } from "./create-gateway.ts";
export type { Gateway } from "./create-gateway.ts";
export type { BoundNamespaceOption, GatewayOptions } from "./options.ts";
export { createToken, hashToken } from "@kvplug/server/access";
export type { TokenAccess, TokenSecret } from "@kvplug/server/access";
