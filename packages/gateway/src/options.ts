import { KVError, checkOptionNames } from "@kvplug/core/seam";
import type { Seconds } from "@kvplug/core/seam";
import { CACHE_TTL_RANGE, isCacheTtl } from "@kvplug/server/routes";

/** A namespace that is bound to the Worker, as the API names it. */
export interface BoundNamespaceOption {
  /** Its id: what `kv_namespaces` of the wrangler configuration says. */
  id: string;
  /** Its title. Clients may name it by that as well. Default: the name of the binding. */
  title?: string | undefined;
}

/** Options of `createGateway`. */
export interface GatewayOptions {
  /** What is served, by the name of its KV binding: the namespace's id, or its id and title. */
  namespaces: Readonly<Record<string, string | BoundNamespaceOption>>;
  /** The id of the account that clients must name. Default: any will do. */
  account?: string | undefined;
  /**
   * For how long the edge may keep what it read, 30 s at least and 2147483647 s at most; a read that asks with a
   * `kvplug-cache-ttl` header decides for itself. Default: KV's own 60.
   */
  cacheTtl?: Seconds | undefined;
}

/** A namespace that is served. */
export interface ServedNamespace {
  readonly binding: string;
  readonly id: string;
  readonly title: string;
}

/** The options as the gateway works with them. */
export interface CheckedOptions {
  readonly namespaces: readonly ServedNamespace[];
  readonly account: string | undefined;
  readonly cacheTtl: Seconds | undefined;
}

/** Checks all options; throws an error that names the first one that is wrong. */
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
  throw new KVError("KV_INVALID", `${option} must be a string that is not empty, and without lone surrogates.`);
}
