import { variable } from "../seam/environment.ts";
import { KVError } from "../seam/errors.ts";
import { FRESH, type Fresh } from "../seam/fresh.ts";
import type { KVClientOptions, KVOptions } from "../contract/options.ts";

const DEFAULT_BASE_URL = "https://api.cloudflare.com/client/v4";

/** Asks for uncompressed bytes: what is compressed on the way has to be decoded here. */
const HEADERS = { "user-agent": "kvplug", "accept-encoding": "identity" };

const VARIABLES = {
  accountId: "CLOUDFLARE_ACCOUNT_ID",
  apiToken: "CLOUDFLARE_API_TOKEN",
  email: "CLOUDFLARE_EMAIL",
  apiKey: "CLOUDFLARE_API_KEY",
  baseURL: "CLOUDFLARE_API_BASE_URL",
  namespaceId: "CLOUDFLARE_KV_NAMESPACE_ID",
} as const;

type Setting = keyof typeof VARIABLES;

/** Where an account's namespaces are, and what proves that they may be used. */
export interface Account {
  /** Scheme, host and port. */
  readonly origin: string;
  /** The path of the account's namespaces. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Resolves the account from the options, then from the environment.
 *
 * @throws {KVError} `KV_CONFIG` that names the option and the variable which are missing.
 */
export function resolveAccount(options: KVClientOptions & Fresh): Account {
  checkComplete(options, []);
  const base = parseBaseURL(setting("baseURL", options.baseURL) ?? DEFAULT_BASE_URL);
  const accountId = required("accountId", options.accountId);
  return Object.freeze({
    origin: base.origin,
    path: `${base.pathname.replace(/\/+$/, "")}/accounts/${encodeURIComponent(accountId)}/storage/kv/namespaces`,
    headers: Object.freeze({
      ...credentials(options),
      ...HEADERS,
      ...(options[FRESH] === true && { "cache-control": "no-cache" }),
    }),
  });
}

/** Whether the API is Cloudflare's own, whose request budget is known. */
export function isCloudflare(options: KVClientOptions): boolean {
  const baseURL = setting("baseURL", options.baseURL) ?? DEFAULT_BASE_URL;
  return URL.canParse(baseURL) && new URL(baseURL).host === new URL(DEFAULT_BASE_URL).host;
}

/**
 * Resolves the namespace's id in the same way.
 *
 * @throws {KVError} `KV_CONFIG` that names all that is missing, of the account as well.
 */
export function resolveNamespaceId(options: KVOptions): string {
  const id = setting("namespaceId", options.namespaceId);
  checkComplete(options, id === undefined ? ["namespaceId"] : []);
  return id!;
}

/** Throws where something is missing: with all of it at once. */
function checkComplete(options: KVClientOptions, missing: Setting[]): void {
  if (setting("accountId", options.accountId) === undefined) missing.push("accountId");
  const hasKey = options.apiKey !== undefined || setting("apiKey", undefined) !== undefined;
  if (!hasKey && setting("apiToken", options.apiToken) === undefined) missing.push("apiToken");
  const [first] = missing;
  if (first === undefined) return;
  const key = missing.includes("apiToken") ? " (or apiKey and email, CLOUDFLARE_API_KEY and CLOUDFLARE_EMAIL)" : "";
  const what = `${listOf(missing)} ${missing.length === 1 ? "is" : "are"} missing`;
  const then = `pass { ${missing.join(", ")} } or set ${listOf(missing.map((name) => VARIABLES[name]))}${key}.`;
  const hint = missing.length > 1 ? " To try it without an account: npx kvplug serve." : "";
  throw new KVError("KV_CONFIG", `${what}: ${then}${hint}`);
}

/** `a`, `a and b`, `a, b and c`. */
function listOf(names: readonly string[]): string {
  return names.join(", ").replace(/, ([^,]*)$/, " and $1");
}

function credentials(options: KVClientOptions): Record<string, string> {
  // What is passed wins as a whole: a token in the environment must not override a key in the options.
  if (options.apiToken === undefined && options.apiKey !== undefined) return keyHeaders(options);
  const apiToken = setting("apiToken", options.apiToken);
  if (apiToken !== undefined) return { authorization: `Bearer ${headerSafe("apiToken", apiToken)}` };
  return keyHeaders(options);
}

function keyHeaders(options: KVClientOptions): Record<string, string> {
  return {
    "x-auth-email": headerSafe("email", required("email", options.email)),
    "x-auth-key": headerSafe("apiKey", required("apiKey", options.apiKey)),
  };
}

function required(name: Setting, option: string | undefined): string {
  const value = setting(name, option);
  if (value !== undefined) return value;
  throw new KVError("KV_CONFIG", `${name} is missing: pass { ${name} } or set ${VARIABLES[name]}.`);
}

function setting(name: Setting, option: string | undefined): string | undefined {
  const value = option ?? variable(VARIABLES[name]);
  if (value !== undefined && typeof value !== "string") {
    throw new KVError("KV_CONFIG", `${name} must be a string, not a ${typeof value}.`);
  }
  return value === "" ? undefined : value;
}

/** Neither white space nor what a header cannot carry; the value stays out of the message. */
function headerSafe(name: Setting, value: string): string {
  if (/^[\x21-\x7e]+$/.test(value)) return value;
  throw new KVError(
    "KV_CONFIG",
    `${name} contains white space or another character that a header cannot contain. Does it end with a line break?`,
  );
}

function parseBaseURL(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "") {
    throw new KVError("KV_CONFIG", `baseURL must be an http or https URL such as ${DEFAULT_BASE_URL}, without query.`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new KVError("KV_CONFIG", "baseURL must not contain a user name or password: pass { apiToken }.");
  }
  return url;
}
