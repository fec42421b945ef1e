import { KVError, checkOptionNames } from "@kvplug/core/seam";
import type { Seconds } from "@kvplug/core/seam";
import { CACHE_TTL_RANGE, isCacheTtl } from "@kvplug/server/routes";

/** A namespace bound to the Worker, as the API shows it. */
export interface BoundNamespaceOption {
  /** Its id, as in `kv_namespaces` of the wrangler configuration. */
  id: string;
  /** Its title, which clients may use instead of the id. Default: the binding's name. */
  title?: string | undefined;
}

/** Options of `createGateway`. */
export interface GatewayOptions {
  /** What to serve, by binding name: the namespace's id, or its id and title. */
  namespaces: Readonly<Record<string, string | BoundNamespaceOption>>;
  /** The account id that clients must use. Default: any. */
  account?: string | undefined;
  /**
   * How long the edge may cache a read, from 30 to 2147483647 s. A read with a `kvplug-cache-ttl` header overrides it.
   * Default: KV's own 60.
   */
  cacheTtl?: Seconds | undefined;
}

/** A namespace that is served. */
export interface ServedNamespace {
  readonly binding: string;
  readonly id: string;
  readonly title: string;
}

/** The checked options, with defaults. */
export interface CheckedOptions {
  readonly namespaces: readonly ServedNamespace[];
  readonly account: string | undefined;
  readonly cacheTtl: Seconds | undefined;
}

/** Checks all options; throws an error that names the first invalid one. */
export function checkOptions(options: GatewayOptions): CheckedOptions {
  checkOptionNames("createGateway", options, ["namespaces", "account", "cacheTtl"]);
  const { namespaces, account, cacheTtl } = options;
  if (typeof namespaces !== "object" || namespaces === null || Object.keys(namespaces).length === 0) {
    throw new KVError("KV_INVALID", 'namespaces must name at least one binding and its id: { SESSIONS: "0f2a…" }.');
  }
  if (account !== undefined) checkName("account", account);
  if (cacheTtl !== undefined && !isCacheTtl(cacheTtl)) {
    throw new KVError("KV_INVALID", `cacheTtl must be ${CACHE_TTL_RANGE}, not ${String(cacheTtl)}.`);
  }
  return { namespaces: checkNamespaces(namespaces), account, cacheTtl };
}

function checkNamespaces(namespaces: GatewayOptions["namespaces"]): ServedNamespace[] {
  const served = Object.entries(namespaces).map(([binding, given]) => {
    const option = `namespaces.${binding}`;
    const named: unknown = typeof given === "string" ? { id: given } : given;
    checkOptionNames(option, named as object, ["id", "title"]);
    const { id, title = binding } = named as BoundNamespaceOption;
    checkName(`${option}.id`, id);
    checkName(`${option}.title`, title);
    return { binding, id, title };
  });
  for (const name of ["id", "title"] as const) {
    const twice = served.find((one, i) => served.findIndex((other) => other[name] === one[name]) !== i);
    if (twice) throw new KVError("KV_INVALID", `namespaces has two with the ${name} ${JSON.stringify(twice[name])}.`);
  }
  return served;
}

function checkName(option: string, name: unknown): void {
  if (typeof name === "string" && name !== "" && name.isWellFormed()) return;
  throw new KVError("KV_INVALID", `${option} must be a non-empty string without lone surrogates.`);
}
