import { createKV, type KV, type KVClientOptions } from "@kvplug/core";
import { createProxy, type ProxyOptions, type RunningProxy } from "@kvplug/proxy";
import { startServer, type RunningServer, type ServerOptions } from "@kvplug/server";
import { accountOf, TOKEN } from "./rest.ts";

/** An answer, read to its end. */
export interface ProxyAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The envelope, where it is one. */
  readonly body: any;
}

/** How a request is made. */
export interface AskOptions {
  body?: string | Uint8Array<ArrayBuffer>;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** A proxy in front of a server with the namespace `test`, and a driver in front of the proxy. */
export interface Proxied {
  readonly server: RunningServer;
  readonly proxy: RunningProxy;
  readonly kv: KV;
  /** The URL of the namespace `test` at the proxy, or of what is below it. */
  at(path?: string): string;
  /** Asks the proxy for a path below the namespace `test`. */
  ask(method: string, path: string, options?: AskOptions): Promise<ProxyAnswer>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What a proxy is to stand on. */
export interface ProxySetup {
  server?: ServerOptions;
  upstream?: KVClientOptions;
  proxy?: Omit<ProxyOptions, "upstream">;
  driver?: KVClientOptions;
}

/** Starts all three. Tests write a key as often as they like; the first look of the proxy counts for no request. */
export async function startProxied({
  server: options,
  upstream,
  proxy: more,
  driver,
}: ProxySetup = {}): Promise<Proxied> {
  const server = await startServer({ token: TOKEN, namespaces: ["test"], ...options });
  const proxy = await createProxy({ upstream: { ...accountOf(server), writeInterval: 0, ...upstream }, ...more });
  server.requests.reset();
  const namespaceId = server.namespaces[0]!.id;
  const kv = createKV({
    baseURL: proxy.url,
    accountId: server.account,
    namespaceId,
    apiToken: more?.token ?? "any",
    ...driver,
  });
  const at = (path = ""): string =>
    `${proxy.url}/accounts/${server.account}/storage/kv/namespaces/${namespaceId}${path}`;
  return {
    server,
    proxy,
    kv,
    at,
    ask: (method, path, given) => askURL(at(path), method, given),
    async [Symbol.asyncDispose]() {
      await kv.close();
      await proxy.close();
      await server.close();
    },
  };
}

/** Asks a proxy for whatever it answers. */
export async function askURL(
  url: string,
  method = "GET",
  { body, headers, signal }: AskOptions = {},
): Promise<ProxyAnswer> {
  const response = await fetch(url, { method, body: body ?? null, headers: headers ?? {}, signal: signal ?? null });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.startsWith("application/json") === true;
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
}
