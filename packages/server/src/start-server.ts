import { KVError, checkOptionNames } from "@kvplug/core/seam";
import type { KVNamespace, KVStream } from "@kvplug/core/seam";
import type { MiddlewareHandler } from "hono";
import { every } from "hono/combine";
import type { NamespaceInfo } from "./backend.ts";
import { authenticate, onlyLoopback, refuseDotSegments } from "./guard.ts";
import { listen } from "./listen.ts";
import { checkServerOptions } from "./options.ts";
import type { CheckedServerOptions, ServerOptions } from "./options.ts";
import { publishStats } from "./publish-stats.ts";
import { countRequests } from "./request-counts.ts";
import type { RequestCounts } from "./request-counts.ts";
import { createRoutes } from "./routes/app.ts";
import { refuseForeignPages } from "./routes/foreign-pages.ts";
import { BASE_PATH } from "./routes/path.ts";
import { reportStorage } from "./store/report.ts";
import { markAsServed } from "./store/serving-mark.ts";
import { SqliteStore } from "./store/sqlite-store.ts";
import { Injection } from "./faults/injection.ts";
import { checkFaultInjection, UNKINDNESS_NAMES } from "./faults/options.ts";
import type { FaultInjection } from "./faults/options.ts";

/** A server that listens. */
export interface RunningServer extends AsyncDisposable {
  /** The base URL of the API: `http://HOST:PORT/client/v4`. */
  readonly url: string;
  readonly port: number;
  /** The id of the account that is served. */
  readonly account: string;
  /** The namespaces when it started: those of the options in their order, then whatever else the data hold. */
  readonly namespaces: readonly NamespaceInfo[];
  /** What was asked of the server so far. */
  readonly requests: RequestCounts;
  /**
   * A namespace in the process itself, by title or id: past HTTP, and past all injection.
   *
   * @throws {KVError} `KV_NOT_FOUND` where there is none.
   */
  kv(titleOrId: string): KVNamespace<KVStream>;
  /**
   * Replaces the faults that are injected: from the next request on it is these, and what is left out is none.
   *
   * @throws {KVError} `KV_INVALID` for an option that is wrong or does not exist; the faults stay as they were then.
   * @example
   * server.inject({ latency: 200, faults: { errors: 0.1 } });
   * server.inject({}); // none any more
   */
  inject(faults: FaultInjection): void;
  /** Stops listening, lets running requests finish, ends idle connections, closes the file. */
  close(): Promise<void>;
}

/**
 * Starts the KV REST API on this machine.
 *
 * @throws {KVError} `KV_INVALID` for an option that is wrong or does not exist, `KV_CONFIG` for a
 * host beyond loopback without a token.
 * @example
 * await using server = await startServer({ namespaces: ["cache"] });
 * const kv = createKV({
 *   baseURL: server.url, accountId: server.account, namespaceId: server.namespaces[0].id, apiToken: "any",
 * });
 */
export async function startServer(options: ServerOptions = {}): Promise<RunningServer> {
  const checked = checkServerOptions(options);
  const { host, port, data, account, namespaces, now, injection, beside } = checked;
  const store = new SqliteStore({ data, now, observer: reportStorage(console.error) });
  try {
    const served = ensureNamespaces(store, namespaces);
    const counter = countRequests();
    const guard = guardOf(checked);
    const faults = new Injection(store, now, injection);
    const app = createRoutes({
      namespaces: () => faults.namespaces,
      account,
      now,
      // What each request passes, in this order, before it is routed.
      use: [
        ...(beside === undefined ? [] : [beside]),
        publishStats(counter.counts, guard),
        counter.middleware,
        faults.beforeGuard,
        refuseDotSegments,
        guard,
        faults.behindGuard,
      ],
    });
    const listener = await listen(app, host, port);
    const unmark = data === undefined ? undefined : markServed(store.path);
    let closed: Promise<void> | undefined;
    const end = async (): Promise<void> => {
      await listener.close();
      store.close();
      unmark?.();
    };
    const close = (): Promise<void> => (closed ??= end());
    return {
      url: `http://${host.includes(":") ? `[${host}]` : host}:${listener.port}${BASE_PATH}`,
      port: listener.port,
      account,
      namespaces: served,
      requests: counter.counts,
      kv: (titleOrId) => openByTitleOrId(store, titleOrId),
      inject(given) {
        checkOptionNames("inject", given, UNKINDNESS_NAMES);
        faults.replace(checkFaultInjection(given));
      },
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    store.close();
    throw error;
  }
}

function guardOf({ token, session }: CheckedServerOptions): MiddlewareHandler {
  return every(refuseForeignPages, token === undefined ? onlyLoopback : authenticate(token, session));
}

/** Says so where another server has the same file. */
function markServed(path: string): (() => void) | undefined {
  const unmark = markAsServed(path);
  if (unmark === undefined) {
    console.error(
      `kvplug: Another server has ${JSON.stringify(path)} open as well. Both read and write it, each with limits and ` +
        "counts of its own. If that is not meant, end one of them, or give it another file.",
    );
  }
  return unmark;
}

/** What is there where nobody named a namespace: its id is the same at each start, since it is pasted into shells. */
const LOCAL = { title: "local", id: "10ca110ca110ca110ca110ca110ca110" };

function ensureNamespaces(store: SqliteStore, wanted: CheckedServerOptions["namespaces"]): NamespaceInfo[] {
  const existing = store.list();
  const chosen = (wanted ?? (existing.length === 0 ? [LOCAL] : [])).map((one) => ensureNamespace(store, one));
  return [...chosen, ...existing.filter(({ id }) => !chosen.some((one) => one.id === id))];
}

function ensureNamespace(store: SqliteStore, { title, id }: { title: string; id?: string }): NamespaceInfo {
  const existing = store.find(title) ?? (id === undefined ? undefined : store.get(id));
  if (existing === undefined) {
    const created = store.createNow(title, id);
    if (created !== undefined) return created;
  } else if (existing.title === title && (id === undefined || existing.id === id)) {
    return existing;
  }
  throw new KVError(
    "KV_INVALID",
    `namespaces: ${JSON.stringify(title)} with the id ${id} does not fit what the file holds: ` +
      `${JSON.stringify(existing?.title)} with the id ${existing?.id}.`,
  );
}

function openByTitleOrId(store: SqliteStore, titleOrId: string): KVNamespace<KVStream> {
  const found = store.find(titleOrId) ?? store.get(titleOrId);
  const kv = found && store.open(found.id);
  if (kv === undefined) throw new KVError("KV_NOT_FOUND", `There is no namespace ${JSON.stringify(titleOrId)}.`);
  return kv;
}
