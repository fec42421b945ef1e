import { createKV, type KV, type KVOptions } from "@kvplug/core";
import type { KVNamespace } from "@kvplug/core/seam";
import { createToken, hashToken, type GatewayOptions, type TokenSecret } from "@kvplug/gateway";
import type { GatewayEnvironment } from "./gateway-worker.ts";
import { freeWorker, openNamespace, startWorkerd, takeNamespace, takeWorker } from "./workerd.ts";

/** A gateway in Cloudflare's own runtime, over namespaces of Miniflare. */
export interface RunningGateway {
  /** The base URL of the API. */
  readonly url: string;
  /** A token that may do everything. */
  readonly token: string;
  /** The ids of the namespaces that are bound, by title. */
  readonly ids: Readonly<Record<string, string>>;
  /** Tokens by the names that were asked for. */
  readonly tokens: Readonly<Record<string, string>>;
  /** What the options of a driver are. */
  options(more?: KVOptions): KVOptions;
  /** A driver on it. */
  open(more?: KVOptions): KV;
  /** What the Worker logged so far, line by line. */
  readonly log: readonly string[];
  /** A namespace past the gateway, by the name of its binding. */
  bound(binding?: string): Promise<KVNamespace>;
  /** Asks for a path below the account's namespaces. */
  ask(
    method: string,
    path: string,
    init?: { body?: any; token?: string; headers?: Record<string, string> },
  ): Promise<Answer>;
  close(): Promise<void>;
}

/** An answer, read to its end. */
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The envelope, where it is one. */
  body: any;
}

/** What is served, and to whom. */
export interface GatewaySetup {
  gateway?: GatewayOptions;
  /** Bindings that the Worker has. Default: those of the gateway. */
  bindings?: readonly string[];
  tokens?: Readonly<Record<string, Omit<TokenSecret, "sha256">>>;
  /** Further secrets, as they are. */
  secrets?: Readonly<Record<string, string>>;
}

export const ACCOUNT = "account";

const ONE: GatewayOptions = { namespaces: { KV: { id: "kv-id", title: "test" } } };

/** How many there were so far in this process. */
let count = 0;

/** Starts one; by default with one namespace. */
export async function startGateway(setup: GatewaySetup = {}): Promise<RunningGateway> {
  const { gateway = ONE, secrets = {} } = setup;
  const { bindings = Object.keys(gateway.namespaces) } = setup;
  const tokens: Record<string, string> = {};
  const hashed: Record<string, string> = { ...secrets };
  for (const [name, grant] of Object.entries({ all: { access: "read-write" as const }, ...setup.tokens })) {
    tokens[name] = createToken();
    hashed[`KVPLUG_TOKEN_${name.toUpperCase()}`] = JSON.stringify({ sha256: await hashToken(tokens[name]), ...grant });
  }
  const { miniflare, log } = await startWorkerd();
  const worker = takeWorker();
  const name = `gateway ${++count}:`;
  const bound = Object.fromEntries(bindings.map((binding) => [binding, takeNamespace()]));
  const environment: GatewayEnvironment = { name, gateway, bindings: bound, secrets: hashed };
  const { fetch: ask } = await miniflare.getWorker(worker);
  await ask("http://setup", { method: "POST", body: JSON.stringify(environment) });
  const url = `${(await miniflare.unsafeGetDirectURL(worker)).origin}/client/v4`;
  const ids = Object.fromEntries(
    Object.entries(gateway.namespaces).map(([binding, given]) =>
      typeof given === "string" ? [binding, given] : [given.title ?? binding, given.id],
    ),
  );
  const token = tokens["all"]!;
  const options = (more: KVOptions = {}): KVOptions => ({
    baseURL: url,
    accountId: ACCOUNT,
    namespaceId: Object.values(ids)[0]!,
    apiToken: token,
    ...more,
  });
  return {
    url,
    token,
    ids,
    tokens,
    get log() {
      return log.filter((line) => line.startsWith(name)).map((line) => line.slice(name.length + 1));
    },
    options,
    open: (more) => createKV(options(more)),
    bound: (binding = bindings[0]!) => openNamespace(bound[binding]!),
    async ask(method, path, { body, token: shown = token, headers = {} } = {}) {
      const response = await fetch(`${url}/accounts/${ACCOUNT}/storage/kv/namespaces${path}`, {
        method,
        headers: { authorization: `Bearer ${shown}`, ...headers },
        body,
        ...(body instanceof ReadableStream && { duplex: "half" }),
      });
      const text = await response.text();
      const isJson = response.headers.get("content-type")?.startsWith("application/json") === true;
      return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : undefined };
    },
    close: async () => freeWorker(worker),
  };
}

/** One for a suite that wants a namespace and no more. */
export async function openGateway(): Promise<{ kv: KV; close(): Promise<void> }> {
  const gateway = await startGateway();
  const kv = gateway.open();
  return {
    kv,
    close: async () => {
      await kv.close();
      await gateway.close();
    },
  };
}
