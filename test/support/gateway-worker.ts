/**
 * A Worker that is a gateway as soon as it is told which one: the options of one, the names of its bindings and its
 * secrets come in a request to the host `setup`. So one bundle, and one runtime, serve the gateways of all tests.
 *
 * @module
 */
import { createGateway, type GatewayOptions } from "@kvplug/gateway";

/** What makes a gateway of the Worker. */
export interface GatewayEnvironment {
  /** Marks its lines in the log. */
  name: string;
  gateway: GatewayOptions;
  /** The bindings that the gateway sees, and which of the Worker's each of them is. */
  bindings: Readonly<Record<string, string>>;
  secrets: Readonly<Record<string, string>>;
}

type Env = Readonly<Record<string, unknown>>;

const logError = console.error;
let served: { gateway: ReturnType<typeof createGateway>; env: Env } | undefined;

const worker: { fetch(request: Request, env: Env): Promise<Response> } = {
  async fetch(request, env) {
    const { hostname, href } = new URL(request.url);
    // Cloudflare's edge resolves `..` before a Worker sees a URL; on a socket of its own it comes as it was sent.
    if (hostname !== "setup") return served!.gateway.fetch(new Request(href, request), served!.env);
    const { name, gateway, bindings, secrets } = (await request.json()) as GatewayEnvironment;
    console.error = (...args) => logError(name, ...args);
    const bound = Object.entries(bindings).map(([as, binding]) => [as, env[binding]]);
    served = { gateway: createGateway(gateway), env: { ...secrets, ...Object.fromEntries(bound) } };
    return new Response();
  },
};
export default worker;
