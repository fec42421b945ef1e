import { createKV, type KV, type KVClientOptions } from "@kvplug/core";
import type { KVNamespace } from "@kvplug/core/seam";
import { createGateway, createToken, hashToken, type GatewayOptions, type TokenSecret } from "@kvplug/gateway";
import { openKV } from "@kvplug/server";
import { afterEach } from "vitest";

/** What the runtime says when an invocation asks too much. */
const TOO_MANY = "Too many API requests by single worker invocation.";

/** The limits of KV and of a Worker, as the runtime words them; Miniflare has none of them. */
export interface Strictness {
  /** Refuses a second write of a key within so many milliseconds. */
  writeInterval?: number;
  /** The most bytes of a bulk read. */
  maxBulkRead?: number;
  /** What `put` fails with, for some keys. */
  failing?: (key: string) => string | undefined;
  /** What reads of a key fail with. */
  reading?: string;
}

/** A gateway in this process, each of whose invocations has a binding that counts. */
export class Worker {
  readonly kv: KVNamespace;
  /** The operations of each invocation. */
  readonly operations: number[] = [];
  /** The `cacheTtl` of each read, as KV was asked. */
  readonly cacheTtls: unknown[] = [];
  /** When what is put is to expire, as KV was asked. */
  readonly lives: { expiration?: number; expirationTtl?: number }[] = [];
  /** When something was put, on the clock of `performance.now()`. */
  readonly writtenAt: number[] = [];
  readonly #env: Record<string, unknown>;
  readonly #token: string;
  readonly #gateway: ReturnType<typeof createGateway>;
  readonly #strictness: Strictness;
  readonly #written = new Map<string, number>();

  constructor(options: GatewayOptions, env: Record<string, unknown>, token: string, strictness: Strictness) {
    this.kv = openKV();
    this.#gateway = createGateway(options);
    this.#env = env;
    this.#token = token;
    this.#strictness = strictness;
  }

  /** What a Worker's runtime calls. */
  readonly fetch = async (url: string | URL | Request, init?: RequestInit): Promise<Response> =>
    this.#gateway.fetch(new Request(url, init), { ...this.#env, KV: this.#binding() });

  /** What lets a request in. */
  get headers(): Record<string, string> {
    return { authorization: `Bearer ${this.#token}` };
  }

  /** Asks for a path below the namespace. */
  async ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<any> {
    const response = await this.fetch(`http://gateway/client/v4/accounts/a/storage/kv/namespaces/kv-id/${path}`, {
      method,
      headers: { ...this.headers, ...headers },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text.startsWith("{") ? JSON.parse(text) : text };
  }

  /** A driver on it. */
  open(options: KVClientOptions = {}): KV {
    return createKV({
      baseURL: "http://gateway/client/v4",
      accountId: "a",
      namespaceId: "kv-id",
      apiToken: this.#token,
      fetch: this.fetch,
      ...options,
    });
  }

  /** The binding as one invocation has it. */
  #binding(): KVNamespace {
    const { kv, operations, cacheTtls, lives, writtenAt } = this;
    const invocation = operations.push(0) - 1;
    const count = (): void => {
      operations[invocation]!++;
      if (operations[invocation]! > 1000) throw new Error(TOO_MANY);
    };
    const written = (key: string): void => {
      const { writeInterval = 0, failing } = this.#strictness;
      const failure = failing?.(key);
      if (failure !== undefined) throw new Error(failure);
      const now = performance.now();
      if (now < (this.#written.get(key) ?? 0)) throw new Error("KV PUT failed: 429 Too Many Requests");
      if (writeInterval > 0) this.#written.set(key, now + writeInterval);
    };
    const { maxBulkRead = Infinity, reading } = this.#strictness;
    const checkBulkRead = (found: Map<string, { value: string | null }>): void => {
      const bytes = [...found.values()].reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
      if (bytes > maxBulkRead) throw new Error("KV GET_BULK failed: 413 Total size of request exceeds the limit");
    };
    return {
      get: async (key: any, options?: any): Promise<any> => (count(), kv.get(key, options)),
      getWithMetadata: async (key: any, { cacheTtl, ...options }: any = {}): Promise<any> => {
        count();
        if (reading !== undefined) throw new Error(reading);
        cacheTtls.push(cacheTtl);
        const found: any = await kv.getWithMetadata(key, options);
        if (found instanceof Map) checkBulkRead(found);
        return found;
      },
      put: async (key: string, value: any, options?: any) => {
        count();
        written(key);
        writtenAt.push(performance.now());
        const { metadata: _, ...life } = options ?? {};
        lives.push(life);
        await kv.put(key, value, options);
      },
      delete: async (key: string) => {
        count();
        written(key);
        await kv.delete(key);
      },
      list: async (options?: any): Promise<any> => (count(), kv.list(options)),
    };
  }
}

/** Starts one whose token may do everything; it is over with the test. */
export async function startWorker(
  options: Partial<GatewayOptions> = {},
  strictness: Strictness = {},
  grant: Partial<TokenSecret> = {},
): Promise<Worker> {
  const token = createToken();
  const secret = { sha256: await hashToken(token), access: "read-write", ...grant };
  const env = { KVPLUG_TOKEN_TEST: JSON.stringify(secret) };
  const worker = new Worker({ namespaces: { KV: "kv-id" }, ...options }, env, token, strictness);
  opened.push(worker.kv as KVNamespace & { close(): Promise<void> });
  return worker;
}

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const kv of opened.splice(0)) await kv.close();
});
