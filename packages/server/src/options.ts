import { KVError, checkOptionNames } from "@kvplug/core/seam";
import type { Milliseconds } from "@kvplug/core/seam";
import type { Context, MiddlewareHandler } from "hono";
import { checkClock, checkDataPath, checkObject, checkTitle, checkWhole, refuse } from "./option-checks.ts";
import { isLoopback } from "./routes/loopback.ts";
import { UNKINDNESS_NAMES, checkFaultInjection } from "./faults/options.ts";
import type { CheckedFaultInjection, FaultInjection } from "./faults/options.ts";

/** A namespace to create if missing. */
export interface NamespaceOption {
  title: string;
  /** Its id: 1 to 32 letters, digits, `-` or `_`. Default: 32 random hexadecimal digits. */
  id?: string | undefined;
}

/** Options of `startServer`: what to serve, and which faults to inject. */
export interface ServerOptions extends FaultInjection {
  /** The port; 0 picks a free one. Default: 0. */
  port?: number | undefined;
  /** The address to listen on. Anything but loopback requires a `token`. Default: `"127.0.0.1"`. */
  host?: string | undefined;
  /** The SQLite file; it and its folder are created if missing. Default: in memory. */
  data?: string | undefined;
  /** The API token that each request must send. Default: none; then only loopback names and origins are answered. */
  token?: string | undefined;
  /** The account id. Default: `"local"`. */
  account?: string | undefined;
  /**
   * Namespaces to create if missing, by title, or by title and id. Default: one titled `local`, if the data has none.
   */
  namespaces?: readonly (string | NamespaceOption)[] | undefined;
  /** The clock for expiry and for faults. Default: `Date.now`. */
  now?: (() => Milliseconds) | undefined;
  /**
   * What is served beside the API, such as the page of `kvplug serve`: a hono middleware that sees each request first and
   * calls `next` for those it does not answer. What it answers is not counted and gets no faults, and it checks itself who
   * may ask. Default: none.
   */
  beside?: MiddlewareHandler | undefined;
  /**
   * Whether a request shows a session of what is served `beside`; it then needs no `token`. Default: none does.
   */
  session?: ((c: Context) => boolean) | undefined;
}

/** The checked options, with defaults. */
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

/** Checks all options; throws an error that names the first invalid one. */
export function checkServerOptions(options: ServerOptions): CheckedServerOptions {
  checkOptionNames("startServer", options, NAMES);
  const { port = 0, host = "127.0.0.1", data, token, account = "local", namespaces, now = Date.now } = options;
  const { beside, session } = options;
  checkWhole("port", port, 0, 65_535, "a port");
  if (typeof host !== "string" || host === "") refuse("host", "an address to listen on", host);
  checkDataPath(data);
  // Never shown, whatever it is.
  if (token !== undefined && (typeof token !== "string" || token === "")) {
    throw new KVError("KV_INVALID", "token must be a non-empty string.");
  }
  checkId("account", account);
  checkClock(now);
  if (beside !== undefined && typeof beside !== "function") refuse("beside", "a hono middleware", beside);
  if (session !== undefined && typeof session !== "function") refuse("session", "a function of a request", session);
  if (token === undefined && !isLoopback(host)) {
    throw new KVError("KV_CONFIG", `Set a token to listen on ${host}: beyond loopback, anyone could read and write.`);
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
