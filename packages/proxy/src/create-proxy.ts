import { createClient } from "@kvplug/core";
import type { KVRetryOptions } from "@kvplug/core";
import { KVError, MAX_BULK_BYTES } from "@kvplug/core/seam";
import type { Milliseconds } from "@kvplug/core/seam";
import { refuseWrites } from "@kvplug/server/access";
import type { Grant } from "@kvplug/server/access";
import { countRequests, listen, onlyLoopback, refuseDotSegments } from "@kvplug/server/http";
import type { Listener, Place } from "@kvplug/server/http";
import { cacheTtlOf, createRoutes, isLoopback, refuseForeignPages } from "@kvplug/server/routes";
import type { Context, MiddlewareHandler } from "hono";
import { allowAll, authenticate } from "./access.ts";
import { drain } from "./drain.ts";
import { Flows } from "./flows.ts";
import { Health } from "./health.ts";
import { Metrics } from "./metrics.ts";
import { observe } from "./observe.ts";
import { checkOptions } from "./options.ts";
import type { CheckedOptions, ProxyOptions } from "./options.ts";
import { patienceOf } from "./patience.ts";
import { publish } from "./publish.ts";
import { Room } from "./room.ts";
import { RunningCalls } from "./running-calls.ts";
import { openBudget } from "./shared-budget/budget-option.ts";
import type { ProxyStats } from "./stats.ts";
import { tellBudget } from "./tell-budget.ts";
import type { Terms } from "./terms.ts";
import { CallerNamespaces } from "./upstream/caller-namespaces.ts";
import { OpenNamespaces } from "./upstream/open-namespaces.ts";

/** An outage is waited out for as long as the caller waits, and its end is seen soon. */
const UNTIL_THE_DEADLINE: KVRetryOptions = { attempts: 1000, maxDelay: 2000 };

/** A running proxy. */
export interface RunningProxy extends AsyncDisposable {
  /**
   * The base URL of the API, `http://HOST:PORT/client/v4`; over a Unix socket, the URL for a client that connects to
   * it.
   */
  readonly url: string;
  /** The port; 0 for a Unix socket. */
  readonly port: number;
  /** Returns what it has done so far. */
  stats(): ProxyStats;
  /** Stops listening, answers running requests, and flushes pending writes. What takes longer than `drain` gets 503. */
  close(): Promise<void>;
}

/** What the steps before the routes tell of a request. */
type ProxyContext = Context<{ Variables: { grant: Grant; signal: AbortSignal } }>;

/**
 * Starts the KV REST API on this machine, in front of Cloudflare, a gateway or another proxy. All its callers share one
 * request budget, bulk requests and, if you like, one cache.
 *
 * @throws {KVError} `KV_INVALID` for an unknown or invalid option, `KV_CONFIG` for a host beyond loopback without a
 *   token or an upstream without credentials, `KV_AUTH` or `KV_NOT_FOUND` if upstream rejects them.
 * @example
 * await using proxy = await createProxy({ upstream: { accountId, apiToken }, port: 8788 });
 * const kv = createKV({ baseURL: proxy.url, accountId, namespaceId, apiToken: "any" });
 */
export async function createProxy(options: ProxyOptions = {}): Promise<RunningProxy> {
  const checked = checkOptions(options);
  const { upstream, place, patience, log } = checked;
  refuseItself(place, upstream.baseURL ?? process.env["CLOUDFLARE_API_BASE_URL"]);
  const budget = await openBudget(checked.budget, upstream.rateLimit, log);
  const client = createClient({
    ...upstream,
    deadline: patience,
    retry: upstream.retry === false ? false : { ...UNTIL_THE_DEADLINE, ...upstream.retry },
    ...(budget.rateLimit !== undefined && { rateLimit: budget.rateLimit }),
  });
  const open = new OpenNamespaces(client, checked.cache);
  const calls = new RunningCalls();
  const room = new Room(checked.maxHeldBytes, checked.hasSeveralTokens);
  const flows = new Flows((grant) => checked.weightOf(grant));
  const health = new Health(client, log);
  const counter = countRequests();
  const stats = (): ProxyStats => {
    const { total, byRoute } = counter.counts;
    const left = client.budget();
    const { cache, ...asked } = open.stats();
    return {
      requests: { total, ...byRoute },
      running: calls.count,
      heldBytes: room.bytes,
      upstream: asked.upstream,
      ...(left && { budget: left }),
      ...(cache && { cache }),
    };
  };
  const metrics = new Metrics(stats);
  const app = createRoutes({
    namespaces: (c: ProxyContext) => new CallerNamespaces(client, open, c.get("grant"), termsOf(c, patience, flows)),
    account: upstream.accountId ?? process.env["CLOUDFLARE_ACCOUNT_ID"],
    maxBulkBytes: Math.min(MAX_BULK_BYTES, checked.maxHeldBytes),
    use: [
      health.routes,
      observe(metrics, log),
      ...whoMayAsk(checked),
      publish(stats, metrics),
      counter.middleware,
      calls.track,
      room.give,
      tellBudget(() => client.budget()),
      refuseWrites,
    ],
  });
  let listener: Listener;
  try {
    await health.start();
    listener = await listen(app, place);
  } catch (error) {
    await client.close();
    await budget.close();
    throw error;
  }
  const url = urlOf(place, listener.port);
  log.info({ url, ...place }, "listening");
  const end = async (): Promise<void> => {
    health.end();
    await drain({ listener, calls, log }, checked.drain);
    await open.close();
    await client.close();
    await budget.close();
    log.info({}, "ended");
  };
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => (closed ??= end());
  return { url, port: listener.port, stats, close, [Symbol.asyncDispose]: close };
}

/** Throws where upstream is the proxy: its own variables were pasted into the shell that starts it. */
function refuseItself(place: Place, baseURL: string | undefined): void {
  if (!("host" in place) || place.port === 0 || baseURL === undefined || !URL.canParse(baseURL)) return;
  const { hostname, port } = new URL(baseURL);
  if (Number(port) !== place.port || !(isLoopback(hostname) || hostname === place.host)) return;
  throw new KVError("KV_INVALID", `A proxy on port ${port} cannot be its own upstream: ${baseURL} is its own address.`);
}

function whoMayAsk({ place, tokens }: CheckedOptions): MiddlewareHandler[] {
  const guard = [refuseDotSegments as MiddlewareHandler, refuseForeignPages];
  if (tokens !== undefined) return [...guard, authenticate(tokens)];
  return "socket" in place ? [...guard, allowAll] : [...guard, onlyLoopback, allowAll];
}

function termsOf(c: ProxyContext, patience: Milliseconds, flows: Flows): Terms {
  const header = (name: string): string | undefined => c.req.header(name);
  return {
    deadline: patienceOf(header, patience),
    signal: c.get("signal"),
    flow: flows.of(c.get("grant"), c.req.path),
    isFresh: /\bno-(cache|store)\b/i.test(header("cache-control") ?? ""),
    cacheTtl: cacheTtlOf(c),
  };
}

function urlOf(place: Place, port: number): string {
  if ("socket" in place) return "http://localhost/client/v4";
  return `http://${place.host.includes(":") ? `[${place.host}]` : place.host}:${port}/client/v4`;
}
