import { createTransport } from "#transport";
import { isCloudflare, resolveAccount, resolveNamespaceId, type Account } from "./account.ts";
import { Budget, type KVBudget } from "./budget.ts";
import { now } from "./clock.ts";
import { CLOUDFLARE_RATE_LIMIT } from "./limits.ts";
import { Gate } from "./gate.ts";
import type { KV } from "./kv.ts";
import { RestNamespace } from "./namespace.ts";
import { checkNamespaceId, KVNamespaces } from "./namespaces.ts";
import { checkOptions, type KVClientOptions, type Settings } from "./options.ts";
import { Requests } from "./request.ts";
import { ServerLimits } from "./server-limits.ts";
import { fetchTransport } from "./transport/fetch.ts";

/** An account: its namespaces, and what is in each. */
export interface KVClient extends AsyncDisposable {
  readonly namespaces: KVNamespaces;
  /** One namespace. All of a client's share its connections and its budget; the same id gives the same object. */
  kv(namespaceId: string): KV;
  /** What is left of the request budget, for a display; `undefined` where no limit is known (yet). */
  budget(): KVBudget | undefined;
  /** Settles what was written, then closes the connections; calls that follow are refused. */
  close(): Promise<void>;
}

/** Options of {@link createKV}. */
export interface KVOptions extends KVClientOptions {
  /** The namespace. Default: `CLOUDFLARE_KV_NAMESPACE_ID`. */
  namespaceId?: string | undefined;
}

/**
 * Opens an account. Nothing is sent, and nothing missing is missed, before the first call.
 *
 * @throws {KVError} `KV_INVALID` for an option that does not exist or cannot be.
 * @example
 * const client = createClient({ accountId, apiToken });
 * const { id } = await client.namespaces.create("sessions");
 * const kv = client.kv(id);
 */
export function createClient(options: KVClientOptions = {}): KVClient {
  const requests = createRequests(options, checkOptions("createClient", options));
  // One per id: the writes of a key are in order only where they meet.
  const open = new Map<string, RestNamespace>();
  const close = async (): Promise<void> => {
    requests.refuse();
    await Promise.all([...open.values()].map((kv) => kv.close()));
    await requests.close();
  };
  return {
    namespaces: new KVNamespaces(requests),
    kv(namespaceId) {
      checkNamespaceId(namespaceId);
      requests.checkOpen();
      let kv = open.get(namespaceId);
      if (kv === undefined) {
        kv = new RestNamespace(
          requests,
          () => namespaceId,
          async () => void open.delete(namespaceId),
        );
        open.set(namespaceId, kv);
      }
      return kv;
    },
    budget: () => requests.gate.budget.look(now()),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/**
 * Opens one namespace: what most programs need.
 *
 * @throws {KVError} `KV_INVALID` for an option that does not exist or cannot be.
 * @example
 * const kv = createKV({ accountId, namespaceId, apiToken });
 * await kv.put("user:1", JSON.stringify({ name: "Ada" }));
 * await kv.get("user:1", "json"); // { name: "Ada" }
 */
export function createKV(options: KVOptions = {}): KV {
  const settings = checkOptions("createKV", options, ["namespaceId"]);
  const { namespaceId } = options;
  if (namespaceId !== undefined) checkNamespaceId(namespaceId);
  const requests = createRequests(options, settings);
  return new RestNamespace(
    requests,
    () => resolveNamespaceId(namespaceId),
    () => requests.close(),
  );
}

function createRequests(options: KVClientOptions, settings: Settings): Requests {
  const given = { ...options };
  let account: Account | undefined;
  const transport = settings.fetch ? fetchTransport(settings.fetch) : createTransport(settings);
  const { batch, rateLimit } = settings;
  const budget =
    rateLimit === undefined
      ? new Budget(isCloudflare(options) ? CLOUDFLARE_RATE_LIMIT : undefined, "guess", batch.maxKeys)
      : new Budget(rateLimit || undefined, rateLimit ? "caller" : "none", batch.maxKeys);
  return new Requests(
    settings,
    () => (account ??= resolveAccount(given)),
    transport,
    new Gate(budget, batch.maxInFlight),
    new ServerLimits(settings, !isCloudflare(options)),
  );
}
