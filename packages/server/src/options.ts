import { KVError, checkOptionNames } from "@kvplug/core/seam";
import type { Milliseconds } from "@kvplug/core/seam";
import type { Context, MiddlewareHandler } from "hono";
import { checkClock, checkDataPath, checkObject, checkTitle, checkWhole, refuse } from "./option-checks.ts";
import { isLoopback } from "./routes/loopback.ts";
import { UNKINDNESS_NAMES, checkFaultInjection } from "./faults/options.ts";
import type { CheckedFaultInjection, FaultInjection } from "./faults/options.ts";

/** A namespace that shall exist. */
export interface NamespaceOption {
  title: string;
  /** Its id: 1 to 32 letters, digits, `-` or `_`. Default: 32 random hexadecimal digits. */
  id?: string | undefined;
}

/** Options of `startServer`: what is served, and which faults it injects. */
export interface ServerOptions extends FaultInjection {
  /** The port; 0 is a free one. Default: 0. */
  port?: number | undefined;
  /** The address to listen on. Beyond loopback, a `token` is demanded. Default: `"127.0.0.1"`. */
  host?: string | undefined;
  /** The SQLite file; it and its folder are created where they are missing. Default: in memory. */
  data?: string | undefined;
  /** The API token that each request must show. Default: none, and only loopback is answered. */
  token?: string | undefined;
  /** The id of the account that is served. Default: `"local"`. */
  account?: string | undefined;
  /** Namespaces that are created where they are missing, by title, or by title and id. Default: one titled `local`, where the data hold none at all. */
  namespaces?: readonly (string | NamespaceOption)[] | undefined;
  /** The clock by which keys expire, and by which faults come. Default: `Date.now`. */
  now?: (() => Milliseconds) | undefined;
  /**
   * What is served beside the API, such as the page of `kvplug serve`: a hono middleware that sees each request first, and
   * calls `next` for what it does not answer. What it answers is not counted, and no fault befalls it; who may ask is its
   * own to check. Default: none.
   */
  beside?: MiddlewareHandler | undefined;
  /**
   * Tells whether a request shows a session of what is served `beside`, which stands for the `token`. Default: none does.
   */
  session?: ((c: Context) => boolean) | undefined;
}

/** The options as the server works with them. */
export interface CheckedServerOptions {
  port: number;
  host: string;
  data: string | undefined;
  token: string | undefined;
  account: string;
  namespaces: { title: string; id?: string }[] | undefined;
  now: () => Milliseconds;
  injection: CheckedFaultInjection;
  beside: MiddlewareHandler | undefined;
  session: ((c: Context) => boolean) | undefined;
}

const NAMES: (keyof ServerOptions)[] = [
  "port",
  "host",
  "data",
  "token",
  "account",
  "namespaces",
  "now",
  "beside",
  "session",
  ...UNKINDNESS_NAMES,
];

/** Checks all options; throws an error that names the first one that is wrong. */
export function checkServerOptions(options: ServerOptions): CheckedServerOptions {
  checkOptionNames("startServer", options, NAMES);
  const { port = 0, host = "127.0.0.1", data, token, account = "local", namespaces, now = Date.now } = options;
  const { beside, session } = options;
  checkWhole("port", port, 0, 65_535, "a port");
  if (typeof host !== "string" || host === "") refuse("host", "an address to listen on", host);
  checkDataPath(data);
  // Never shown, whatever it is.
  if (token !== undefined && (typeof token !== "string" || token === "")) {
    throw new KVError("KV_INVALID", "token must be a string that is not empty.");
  }
  checkId("account", account);
  checkClock(now);
  if (beside !== undefined && typeof beside !== "function") refuse("beside", "a hono middleware", beside);
  if (session !== undefined && typeof session !== "function") refuse("session", "a function of a request", session);
  if (token === undefined && !isLoopback(host)) {
    throw new KVError("KV_CONFIG", `Set a token to listen on ${host}: beyond loopback, anybody could read and write.`);
  }
  return {
    port,
    host,
    data,
    token,
    account,
    namespaces: namespaces === undefined ? undefined : checkNamespaces(namespaces),
    now,
    injection: checkFaultInjection(options),
    beside,
    session,
  };
}

function checkNamespaces(namespaces: unknown): { title: string; id?: string }[] {
  if (!Array.isArray(namespaces)) refuse("namespaces", "an array of titles", namespaces);
  return namespaces.map((given: unknown, index) => {
    const option = `namespaces[${index}]`;
    const wanted: object = typeof given === "string" ? { title: given } : (given as object);
    checkObject(option, wanted);
    checkOptionNames(option, wanted, ["title", "id"]);
    const { title, id } = wanted as NamespaceOption;
    checkTitle(`${option}.title`, title);
    if (id === undefined) return { title };
    checkId(`${option}.id`, id);
    return { title, id };
  });
}

function checkId(option: string, id: unknown): asserts id is string {
  if (typeof id !== "string" || !/^[\w-]{1,32}$/.test(id)) refuse(option, "1 to 32 letters, digits, - or _", id);
}
