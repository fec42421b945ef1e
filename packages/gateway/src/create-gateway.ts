import { refuseWrites } from "@kvplug/server/access";
import { cacheTtlOf, createRoutes } from "@kvplug/server/routes";
import { refuseDotSegments } from "./dot-segments.ts";
import { authenticate, boundBody, tellLimits } from "./guard.ts";
import type { GatewayContext } from "./guard.ts";
import { LIMITS } from "./limits.ts";
import { checkOptions } from "./options.ts";
import type { GatewayOptions } from "./options.ts";
import { VisibleNamespaces } from "./visible-namespaces.ts";

/** A Worker: the `default` export of its module. */
export interface Gateway {
  /** Answers an API request, with the Worker's bindings and secrets. */
  fetch(request: Request, env: object): Promise<Response>;
}

/**
 * Returns a Worker with the KV part of Cloudflare's REST API over its KV bindings. Its secrets, each a
 * {@link TokenSecret}, say who may do what.
 *
 * @throws {KVError} `KV_INVALID` for an unknown or invalid option, so that such a Worker is not deployed.
 * @example
 * export default createGateway({ namespaces: { SESSIONS: { id: "0f2a…", title: "sessions" } } });
 */
export function createGateway(options: GatewayOptions): Gateway {
  const { namespaces, account, cacheTtl } = checkOptions(options);
  const app = createRoutes({
    namespaces: (c: GatewayContext) =>
      new VisibleNamespaces(namespaces, c.env, c.get("grant"), cacheTtlOf(c) ?? cacheTtl),
    account,
    use: [authenticate, tellLimits, boundBody, refuseDotSegments, refuseWrites],
    maxBulkBytes: LIMITS.bulkBytes,
  });
  return { fetch: async (request, env) => app.fetch(request, env) };
}
