import type { KVRateLimitOptions } from "@kvplug/core";
import { CommandError, EXIT, usageError } from "../command-error.ts";
import { variable, type Environment } from "../context.ts";
import type { AccountFlags } from "./flags.ts";
import { profileNamed, type Profile } from "./profiles.ts";

/** The level on which a setting was found; `default` is an address that is built in. */
export type SettingSource = "flag" | "profile" | "variable" | "default";

/** A setting, and its source. */
export interface Setting {
  readonly value: string;
  /** Such as `--account`, `CLOUDFLARE_ACCOUNT_ID`, or `profile prod`. */
  readonly from: string;
  readonly source: SettingSource;
}

/** Everything that a connection needs to know; what is `undefined` was found nowhere. */
export interface Settings {
  readonly baseURL: Setting;
  readonly accountId: Setting | undefined;
  readonly apiToken: Setting | undefined;
  readonly email: Setting | undefined;
  readonly apiKey: Setting | undefined;
  /** The default namespace. */
  readonly namespace: Setting | undefined;
  readonly rateLimit: KVRateLimitOptions | undefined;
  readonly isLocal: boolean;
}

/** Where `kvplug serve` listens by default. */
export const LOCAL_URL = "http://127.0.0.1:8787/client/v4";
const CLOUDFLARE_URL = "https://api.cloudflare.com/client/v4";

/**
 * Finds the settings: first the flags, then the profile, then the environment. A profile with an account takes only
 * credentials from the environment, and the local server takes nothing: a token must not go where it does not belong.
 *
 * @param name The profile of an address, including `local`; `undefined` if the flags decide.
 */
export function findSettings(
  env: Environment,
  flags: AccountFlags,
  profiles: ReadonlyMap<string, Profile>,
  name: string | undefined,
): Settings {
  const isLocal = name === "local" || (name === undefined && flags.local === true);
  if (isLocal) return localSettings(env, flags);
  const chosen = name ?? flags.profile;
  if (chosen === "local") return localSettings(env, flags);
  const profile = chosen === undefined ? {} : profileNamed(env, profiles, chosen);
  const find = (flag: Setting | undefined, field: keyof Profile, fallback: string | undefined): Setting | undefined => {
    if (flag !== undefined) return flag;
    if (profile[field] !== undefined) return { value: profile[field], from: `profile ${chosen}`, source: "profile" };
    const value = fallback === undefined ? undefined : variable(env, fallback);
    return value === undefined ? undefined : { value, from: fallback!, source: "variable" };
  };
  const isWhole = profile.accountId !== undefined;
  const unlessWhole = (fallback: string): string | undefined => (isWhole ? undefined : fallback);
  const apiToken = find(fromFlag("--token", flags.token), "apiToken", undefined);
  const apiKey = apiToken ? undefined : find(undefined, "apiKey", undefined);
  const own = apiToken !== undefined || apiKey !== undefined;
  return {
    baseURL: find(fromFlag("--api-url", flags.apiUrl), "baseURL", unlessWhole("CLOUDFLARE_API_BASE_URL")) ?? {
      value: CLOUDFLARE_URL,
      from: "default",
      source: "default",
    },
    accountId: find(fromFlag("--account", flags.account), "accountId", "CLOUDFLARE_ACCOUNT_ID"),
    apiToken: own ? apiToken : find(undefined, "apiToken", "CLOUDFLARE_API_TOKEN"),
    email: find(undefined, "email", "CLOUDFLARE_EMAIL"),
    apiKey: own ? apiKey : find(undefined, "apiKey", "CLOUDFLARE_API_KEY"),
    namespace: find(undefined, "namespace", unlessWhole("CLOUDFLARE_KV_NAMESPACE_ID")),
    rateLimit: flags.rateLimit,
    isLocal: false,
  };
}

function localSettings(env: Environment, flags: AccountFlags): Settings {
  const token = variable(env, "KVPLUG_TOKEN");
  return {
    baseURL: { value: LOCAL_URL, from: "--local", source: "default" },
    accountId: fromFlag("--account", flags.account) ?? { value: "local", from: "--local", source: "default" },
    apiToken:
      fromFlag("--token", flags.token) ??
      (token
        ? { value: token, from: "KVPLUG_TOKEN", source: "variable" }
        : { value: "any", from: "--local", source: "default" }),
    email: undefined,
    apiKey: undefined,
    namespace: undefined,
    rateLimit: flags.rateLimit,
    isLocal: true,
  };
}

function fromFlag(from: string, value: string | undefined): Setting | undefined {
  if (value === "") throw usageError(`${from} is empty.`);
  return value === undefined ? undefined : { value, from, source: "flag" };
}

/**
 * Makes sure that a credential goes only to a built-in address, or to one from the same source: both as flags, in one
 * profile, or as variables. Something that can set only an address, such as a key that looks like a flag, must not
 * receive another source's token.
 *
 * @throws {CommandError} if the two have different sources, with what to do.
 */
export function checkCredentialFits({ baseURL, apiToken, apiKey }: Settings): void {
  const credential = apiToken ?? apiKey;
  if (credential === undefined || baseURL.source === "default" || credential.source === baseURL.source) return;
  throw new CommandError(
    EXIT.access,
    `The ${apiToken ? "token" : "API key"} of ${credential.from} is not sent to the address of ${baseURL.from}: ${TOGETHER[baseURL.source]}`,
  );
}

/** How an address and its credential go together. */
const TOGETHER: Readonly<Record<Exclude<SettingSource, "default">, string>> = {
  flag: "add --token to --api-url, or set both variables, CLOUDFLARE_API_BASE_URL and CLOUDFLARE_API_TOKEN.",
  profile: "give the profile its own apiToken.",
  variable: "set CLOUDFLARE_API_TOKEN too, or use both --api-url and --token.",
};
