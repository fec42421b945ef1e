import { createTransport } from "#transport";
import { isCloudflare, resolveAccount, resolveNamespaceId, type Account } from "./requests/account.ts";
import { Budget, type KVBudget } from "./budget/budget.ts";
import { now } from "./time/clock.ts";
import { CLOUDFLARE_RATE_LIMIT } from "./seam/limits.ts";
import { Gate } from "./budget/gate.ts";
import type { KV } from "./contract/kv.ts";
import { RestNamespace } from "./namespace/namespace.ts";
import { NamespacesById } from "./namespace/namespaces-by-id.ts";
import { checkNamespaceId, KVNamespaces } from "./namespace/namespaces.ts";
import { checkOptions, type KVClientOptions, type KVOptions, type Settings } from "./contract/options.ts";
import { delegate, isWorker, PerRequest } from "./requests/per-request.ts";
import { Requests } from "./requests/requests.ts";
import { ServerLimits } from "./requests/server-limits.ts";
import { fetchTransport } from "./transport/fetch.ts";

/** An account: its namespaces, and access to each. */
export interface KVClient extends AsyncDisposable {
  readonly namespaces: KVNamespaces;
  /** Returns a namespace. All of a client's share its connections and budget; the same id returns the same object. */
  kv(namespaceId: string): KV;
  /** Returns what is left of the request budget; `undefined` if no limit is known (yet). */
  budget(): KVBudget | undefined;
  /** Returns whether a gateway (`@kvplug/gateway`) answers, as far as its answers so far show. */
  isGateway(): boolean;
  /** Flushes pending writes, then closes the connections. Later calls reject. */
  close(): Promise<void>;
}

/**
 * Opens an account. Sends nothing and needs no credentials until the first call.
 *
 * @throws {KVError} `KV_INVALID` for an unknown or invalid option.
 * @example
 * const client = createClient({ accountId, apiToken });
 * const { id } = await client.namespaces.create("sessions");
 * const kv = client.kv(id);
 */
export function createClient(options: KVClientOptions = {}): KVClient {
  const settings = checkOptions("createClient", options);
  const given = { ...options };
  const budget = createBudget(given, settings);
  const open = (): KVClient => openClient(createRequests(given, settings, budget));
  if (!isWorker) return open();
  const own = new PerRequest(open);
  const opened = new Map<string, KV>();
  const close = (): Promise<void> => own.get().close();
  return {
    namespaces: delegate(KVNamespaces, () => own.get().namespaces),
    kv(namespaceId) {
      checkNamespaceId(namespaceId);
      let kv = opened.get(namespaceId);
      if (kv === undefined)
        opened.set(namespaceId, (kv = delegate<KV>(RestNamespace, () => own.get().kv(namespaceId))));
      return kv;
    },
    budget: () => budget.look(now()),
    isGateway: () => own.get().isGateway(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function openClient(requests: Requests): KVClient {
  const byId = new NamespacesById(requests);
  const close = async (): Promise<void> => {
    requests.refuse();
    await byId.close();
    await requests.close();
  };
  return {
    namespaces: new KVNamespaces(requests),
    kv(namespaceId) {
      checkNamespaceId(namespaceId);
      requests.checkOpen();
      return byId.get(namespaceId);
    },
    budget: () => requests.gate.budget.look(now()),
    isGateway: () => requests.limits.isGateway,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/**
 * Opens one namespace, which is all that most programs need.
 *
 * @throws {KVError} `KV_INVALID` for an unknown or invalid option.
 * @example
 * const kv = createKV({ accountId, namespaceId, apiToken });
 * await kv.put("user:1", JSON.stringify({ name: "Ada" }));
 * await kv.get("user:1", "json"); // { name: "Ada" }
 */
export function createKV(options: KVOptions = {}): KV {
  const settings = checkOptions("createKV", options, ["namespaceId"]);
  const given = { ...options };
  const { namespaceId } = given;
  if (namespaceId !== undefined) checkNamespaceId(namespaceId);
  const budget = createBudget(given, settings);
  const open = (): KV => {
    const requests = createRequests(given, settings, budget);
    return new RestNamespace(
      requests,
      () => resolveNamespaceId(given),
      () => requests.close(),
    );
  };
  if (!isWorker) return open();
  const own = new PerRequest(open);
  return delegate<KV>(RestNamespace, () => own.get());
}

function createBudget(options: KVClientOptions, { rateLimit, batch }: Settings): Budget {
  if (rateLimit) {
    const { shared, ...limit } = rateLimit;
    return new Budget(limit, "caller", batch.maxKeys, shared);
  }
  if (rateLimit === false) return new Budget(undefined, "none", batch.maxKeys);
  return new Budget(isCloudflare(options) ? CLOUDFLARE_RATE_LIMIT : undefined, "guess", batch.maxKeys);
}

function createRequests(options: KVClientOptions, settings: Settings, budget: Budget): Requests {
  let account: Account | undefined;
  const transport = settings.fetch ? fetchTransport(settings.fetch) : createTransport(settings);
  return new Requests(
    settings,
    () => (account ??= resolveAccount(options)),
    transport,
    new Gate(budget, settings.batch.maxInFlight),
    new ServerLimits(settings, !isCloudflare(options)),
  );
}
