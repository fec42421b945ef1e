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
import { LockQueue } from "./store/lock-queue.ts";
import { reportStorage } from "./store/report.ts";
import { markAsServed } from "./store/serving-mark.ts";
import { SqliteStore } from "./store/sqlite-store.ts";
import { Injection } from "./faults/injection.ts";
import { checkFaultInjection, UNKINDNESS_NAMES } from "./faults/options.ts";
import type { FaultInjection } from "./faults/options.ts";

/** A running server. */
export interface RunningServer extends AsyncDisposable {
  /** The base URL of the API: `http://HOST:PORT/client/v4`. */
  readonly url: string;
  readonly port: number;
  /** The account id. */
  readonly account: string;
  /** The namespaces at the start: those from the options in order, then the rest. */
  readonly namespaces: readonly NamespaceInfo[];
  /** Counts of the requests so far. */
  readonly requests: RequestCounts;
  /**
   * Returns a namespace within this process, by title or id: without HTTP, and without injected faults.
   *
   * @throws {KVError} `KV_NOT_FOUND` if it does not exist.
   */
  kv(titleOrId: string): KVNamespace<KVStream>;
  /**
   * Replaces the injected faults, from the next request on. What you leave out is off.
   *
   * @throws {KVError} `KV_INVALID` for an invalid or unknown option; the faults then stay as they were.
   * @example
   * server.inject({ latency: 200, faults: { errors: 0.1 } });
   * server.inject({}); // no faults
   */
  inject(faults: FaultInjection): void;
  /** Stops listening, lets running requests finish, ends idle connections, and closes the file. */
  close(): Promise<void>;
}

/**
 * Starts the KV REST API on this machine.
 *
 * @throws {KVError} `KV_INVALID` for an unknown or invalid option, `KV_CONFIG` for a host beyond loopback without a
 *   token, `KV_STORAGE` for a file that cannot be used now, or is still locked after 5 s.
 * @example
 * await using server = await startServer({ namespaces: ["cache"] });
 * const kv = createKV({
 *   baseURL: server.url, accountId: server.account, namespaceId: server.namespaces[0].id, apiToken: "any",
 * });
 */
export async function startServer(options: ServerOptions = {}): Promise<RunningServer> {
  const checked = checkServerOptions(options);
  const { host, port, data, account, namespaces, now, injection, beside } = checked;
  // Where another process has the file locked, that is waited for while everything else goes on.
  const store = await new LockQueue().run(
    () => new SqliteStore({ data, now, observer: reportStorage(console.error), patience: 0 }),
  );
  try {
    const served = await ensureNamespaces(store, namespaces);
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
    const listener = await listen(app, { host, port });
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
      `kvplug: Another server has ${JSON.stringify(path)} open as well. Both read and write it, with separate limits and ` +
        "counts. If you did not intend this, stop one of them, or give it another file.",
    );
  }
  return unmark;
}

/** The default namespace: its id is the same at each start, since users paste it into shells. */
const LOCAL = { title: "local", id: "10ca110ca110ca110ca110ca110ca110" };

async function ensureNamespaces(
  store: SqliteStore,
  wanted: CheckedServerOptions["namespaces"],
): Promise<NamespaceInfo[]> {
  const existing = store.list();
  const chosen: NamespaceInfo[] = [];
  for (const one of wanted ?? (existing.length === 0 ? [LOCAL] : [])) chosen.push(await ensureNamespace(store, one));
  return [...chosen, ...existing.filter(({ id }) => !chosen.some((one) => one.id === id))];
}

async function ensureNamespace(
  store: SqliteStore,
  { title, id }: { title: string; id?: string },
): Promise<NamespaceInfo> {
  const find = (): NamespaceInfo | undefined => store.find(title) ?? (id === undefined ? undefined : store.get(id));
  // Another process may create it in the meantime.
  const existing = find() ?? (await store.create(title, id)) ?? find();
  if (existing?.title === title && (id === undefined || existing.id === id)) return existing;
  throw new KVError(
    "KV_INVALID",
    `namespaces: ${JSON.stringify(title)} with the id ${id} conflicts with the file, which has ` +
      `${JSON.stringify(existing?.title)} with the id ${existing?.id}.`,
  );
}

function openByTitleOrId(store: SqliteStore, titleOrId: string): KVNamespace<KVStream> {
  const found = store.find(titleOrId) ?? store.get(titleOrId);
  const kv = found && store.open(found.id);
  if (kv === undefined) throw new KVError("KV_NOT_FOUND", `There is no namespace ${JSON.stringify(titleOrId)}.`);
  return kv;
}
