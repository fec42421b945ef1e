import { InvalidArgumentError, Option } from "commander";
import type { Command } from "commander";
import type { KVRateLimitOptions, Milliseconds } from "@kvplug/core";
import { redactURLs } from "@kvplug/core/seam";
import { once, parseCount, parseRateLimit, parseTimeout } from "../parse.ts";
import { withWrangler, type WranglerFlags } from "../wrangler/flags.ts";

/** What names a namespace, in the words of `--help`. */
export const NAMESPACE_TEXT = "[profile:]title or id, binding:NAME, wrangler:NAME";

/** The flags that say where the data are. */
export interface AccountFlags {
  local?: true;
  profile?: string;
  account?: string;
  token?: string;
  apiUrl?: string;
  rateLimit?: KVRateLimitOptions;
  timeout?: Milliseconds;
  concurrency?: number;
}

/** Those of commands that name namespaces. */
export interface PlaceFlags extends AccountFlags, WranglerFlags {}

/** Those, and the namespace. */
export interface NamespaceFlags extends PlaceFlags {
  namespace?: string;
}

/** Adds the flags of an account. */
export function withAccount(command: Command): Command {
  return command
    .optionsGroup("Where:")
    .addOption(
      new Option("--local", "the server of `kvplug serve` on its default port").conflicts(["profile", "apiUrl"]),
    )
    .option("--profile <name>", "a profile of the config file", once())
    .option("--account <id>", "the account (default: CLOUDFLARE_ACCOUNT_ID)", once())
    .option("--token <token>", "the API token; other users see a flag, but not CLOUDFLARE_API_TOKEN", once())
    .option("--api-url <url>", "the API (default: CLOUDFLARE_API_BASE_URL, else Cloudflare's)", once(parseURL))
    .option("--rate-limit <requests/seconds>", "stay within this request budget, such as 1200/300", parseRateLimit);
}

/** Adds the flags of commands that name namespaces. */
export function withPlaces(command: Command): Command {
  return withWrangler(withAccount(command));
}

/** Adds the flags of how much is asked at once, and for how long: of commands that work through a namespace. */
export function withPatience(command: Command): Command {
  return command
    .optionsGroup("Requests:")
    .option("--timeout <time>", "abort a request after this long a silence: 30, 2m (default: 30)", parseTimeout)
    .option("--concurrency <number>", "the most requests at once; more take more memory", parseCount);
}

/** Adds the flags of a namespace. */
export function withNamespace(command: Command): Command {
  return withPlaces(
    command
      .optionsGroup("Which namespace:")
      .option("-n, --namespace <namespace>", `${NAMESPACE_TEXT} (default: CLOUDFLARE_KV_NAMESPACE_ID)`, once()),
  );
}

function parseURL(text: string): string {
  if (redactURLs(text) !== text)
    throw new InvalidArgumentError("It must not contain a user name or password: add --token.");
  if (/^https?:/.test(text) && URL.canParse(text)) return text;
  throw new InvalidArgumentError("It must be a URL, such as http://127.0.0.1:8787/client/v4.");
}
