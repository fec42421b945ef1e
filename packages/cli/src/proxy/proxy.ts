import { dirname } from "node:path";
import type { KVRateLimitOptions, Milliseconds } from "@kvplug/core";
import { createProxy, type ProxyOptions } from "@kvplug/proxy";
import { pino } from "pino";
import { usageError } from "../command-error.ts";
import { accountOptions } from "../connect/account-options.ts";
import { readProfiles } from "../connect/profiles.ts";
import { findSettings } from "../connect/settings.ts";
import { variable, type Context, type Environment } from "../context.ts";
import { inWordsOfFlags } from "../serve/serve.ts";
import { onFirstSignal } from "../signals.ts";
import { announceProxy } from "./announce-proxy.ts";
import { tokensOf } from "./tokens-of.ts";

/** The flags of `kvplug proxy`. */
export interface ProxyFlags {
  port: number;
  host: string;
  socket?: string;
  token?: string;
  patience?: Milliseconds;
  drain?: Milliseconds;
  maxHeld?: number;
  logLevel: "debug" | "info" | "warn" | "silent";
  local?: true;
  profile?: string;
  account?: string;
  rateLimit?: KVRateLimitOptions;
  proxies?: number;
  budget?: string;
  cache?: number;
  ttl?: Milliseconds;
  staleWhileRevalidate?: Milliseconds;
  staleIfError?: Milliseconds;
}

/** Serves until a signal ends it; what is running then is answered first. */
export async function proxy(context: Context, flags: ProxyFlags): Promise<void> {
  const { env, stderr } = context;
  const { local, profile, account } = flags;
  const profiles = local ? new Map() : await readProfiles(env);
  const where = { ...(local && { local }), ...(profile && { profile }), ...(account && { account }) };
  const upstream = accountOptions(findSettings(env, where, profiles, undefined));
  const { port, host, socket, patience, drain, maxHeld, rateLimit } = flags;
  const log = pino({ level: flags.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stderr);
  const options: ProxyOptions = {
    upstream: { ...upstream, ...(rateLimit && { rateLimit }) },
    ...(socket === undefined ? { port, host } : { socket }),
    // An empty one is not a token: the proxy refuses it instead of requiring none.
    token: flags.token ?? env["KVPLUG_PROXY_TOKEN"],
    tokens: tokensOf(env),
    cache: cacheOf(flags),
    budget: budgetOf(flags, env),
    patience,
    drain,
    maxHeldBytes: maxHeld,
    log,
  };
  const running = await createProxy(options).catch((error: unknown) => {
    throw aboutSocket(error, socket) ?? inWordsOfFlags(error, flags, "KVPLUG_PROXY_TOKEN");
  });
  const stopped = Promise.withResolvers<void>();
  using _listening = onFirstSignal(context, () => stopped.resolve());
  announceProxy(context, running, {
    upstream,
    socket,
    isOpen: options.token === undefined && options.tokens === undefined,
  });
  await stopped.promise;
  await running.close();
}

/** Why there is no socket, in words; `undefined` for anything else. */
function aboutSocket(error: unknown, socket: string | undefined): Error | undefined {
  if (socket === undefined || !(error instanceof Error && "code" in error)) return undefined;
  const folder = dirname(socket);
  switch (error.code) {
    case "EACCES":
    case "ENOENT":
      return new Error(`${socket} cannot be made: ${folder} must be a folder in which this user may write.`);
    case "EADDRINUSE":
      return new Error(`${socket} is in use. Stop what listens there, or choose another with --socket.`);
    default:
      return undefined;
  }
}

function budgetOf({ proxies, budget }: ProxyFlags, env: Environment): ProxyOptions["budget"] {
  const redis = budget ?? variable(env, "KVPLUG_BUDGET_URL");
  if (proxies !== undefined) return { proxies, redis };
  if (redis === undefined) return undefined;
  throw usageError(
    "How many proxies share the budget? Say so with --proxies: while Redis is away, each keeps to its part.",
  );
}

function cacheOf({ cache: max, ttl, staleWhileRevalidate, staleIfError }: ProxyFlags): ProxyOptions["cache"] {
  const options = {
    ...(ttl !== undefined && { ttl }),
    ...(staleWhileRevalidate !== undefined && { staleWhileRevalidate }),
    ...(staleIfError !== undefined && { staleIfError }),
  };
  if (max !== undefined) return { max, ...options };
  if (Object.keys(options).length > 0) throw usageError("Copies need a number of them as well, such as --cache 10000.");
  return undefined;
}
