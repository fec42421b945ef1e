import { InvalidArgumentError, Option } from "commander";
import type { Command } from "commander";
import type { KVRateLimitOptions, Milliseconds } from "@kvplug/core";
import { redactURLs } from "@kvplug/core/seam";
import { parseCount, parseRateLimit, parseTimeout } from "../parse.ts";

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

/** Those, and the namespace. */
export interface NamespaceFlags extends AccountFlags {
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

/** Adds the flags of how much is asked at once, and for how long: of commands that work through a namespace. */
export function withPatience(command: Command): Command {
  return command
    .optionsGroup("Requests:")
    .option("--timeout <time>", "abort a request after this long a silence: 30, 2m (default: 30)", parseTimeout)
    .option("--concurrency <number>", "the most requests at once; more take more memory", parseCount);
}

/** Adds the flags of a namespace. */
export function withNamespace(command: Command): Command {
  return withAccount(
    command
      .optionsGroup("Which namespace:")
      .option("-n, --namespace <namespace>", "[profile:]title or id (default: CLOUDFLARE_KV_NAMESPACE_ID)", once()),
  );
}

/** Parses a flag that may be given once: a second one may be a key, which a shell put among the flags. */
function once(parse: (text: string) => string = (text) => text): (text: string, before?: string) => string {
  return (text, before) => {
    if (before !== undefined) throw new InvalidArgumentError("It is given twice. Put -- before keys.");
    return parse(text);
  };
}

function parseURL(text: string): string {
  if (redactURLs(text) !== text)
    throw new InvalidArgumentError("It must not contain a user name or password: add --token.");
  if (/^https?:/.test(text) && URL.canParse(text)) return text;
  throw new InvalidArgumentError("It must be a URL, such as http://127.0.0.1:8787/client/v4.");
}
