import { EventEmitter } from "node:events";
import { Client, EnvHttpProxyAgent, Pool, type Dispatcher } from "undici";
import { variable } from "../seam/environment.ts";
import { KVError } from "../seam/errors.ts";
import type { ConnectionOptions } from "../contract/options.ts";

/**
 * Opens keep-alive connections to an origin, through a proxy if the environment names one for it.
 *
 * @throws {KVError} `KV_CONFIG` if that is not a proxy's URL.
 */
export function openConnections({ connections, allowH2, timeout }: ConnectionOptions, origin: string): Dispatcher {
  const proxy = proxyFor(origin);
  if (proxy === undefined) return openPool(origin, { connections, allowH2 });
  try {
    return new EnvHttpProxyAgent({
      // It would take the one for http where there is none for https, which nobody else does.
      httpProxy: proxy.url,
      httpsProxy: proxy.url,
      connections,
      allowH2,
      // A pool's options, with the way through the proxy.
      factory: openPool,
      // How long a proxy may take until it has connected.
      clientFactory: (url: URL, options: object) => new Pool(url, { ...options, headersTimeout: timeout }),
    });
  } catch {
    // The URL may hold a password.
    throw new KVError("KV_CONFIG", `${proxy.name} must be the URL of a proxy, such as http://proxy.example:3128.`);
  }
}

/** Knows on which connection it goes out. */
export interface Connected {
  connection: Connection | undefined;
}

/**
 * A connection that can be free in the turn of its answer. undici's is so a turn later: for a call that follows another
 * one, which is most calls, the pool would open a second connection, and the program wait for a second handshake.
 */
export class Connection extends Client {
  readonly #free: () => void;

  constructor(origin: URL, options: object) {
    super(origin, options);
    // Its type leaves out the connections, which a pool takes from it.
    this.#free = () => void EventEmitter.prototype.emit.call(this, "drain", origin, [this]);
  }

  override dispatch(
    options: Dispatcher.DispatchOptions,
    handler: Dispatcher.DispatchHandler & Partial<Connected>,
  ): boolean {
    handler.connection = this;
    return super.dispatch(options, handler);
  }

  /** Tells the pool, once undici has read the answer to its end. */
  freeSoon(): void {
    queueMicrotask(this.#free);
  }
}

function openPool(origin: string | URL, options: object): Pool {
  return new Pool(origin, { ...options, factory: (to, withOptions) => new Connection(to, withOptions) });
}

/** The proxy that the environment names; which hosts are reached without, undici reads from `NO_PROXY`. */
function proxyFor(origin: string): { name: string; url: string } | undefined {
  const names = origin.startsWith("https:") ? ["https_proxy", "HTTPS_PROXY"] : ["http_proxy", "HTTP_PROXY"];
  for (const name of names) {
    const url = variable(name);
    // Without a scheme it is http, as for curl.
    if (url) return { name, url: /^[a-z][a-z\d+.-]*:\/\//i.test(url) ? url : `http://${url}` };
  }
  return undefined;
}
