import { EnvHttpProxyAgent, Pool, type Dispatcher } from "undici";
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
  if (proxy === undefined) return new Pool(origin, { connections, allowH2 });
  try {
    return new EnvHttpProxyAgent({
      // It would take the one for http where there is none for https, which nobody else does.
      httpProxy: proxy.url,
      httpsProxy: proxy.url,
      connections,
      allowH2,
      // How long a proxy may take until it has connected.
      clientFactory: (url: URL, options: object) => new Pool(url, { ...options, headersTimeout: timeout }),
    });
  } catch {
    // The URL may hold a password.
    throw new KVError("KV_CONFIG", `${proxy.name} must be the URL of a proxy, such as http://proxy.example:3128.`);
  }
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
