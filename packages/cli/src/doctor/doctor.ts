import { redactURLs } from "@kvplug/core/seam";
import manifest from "../../package.json" with { type: "json" };
import { CommandError, EXIT } from "../command-error.ts";
import { parseAddress, type Address } from "../connect/address.ts";
import { Connections } from "../connect/connections.ts";
import { listed } from "../connect/find-namespace.ts";
import type { NamespaceFlags } from "../connect/flags.ts";
import { configPath, readProfiles, type Profile } from "../connect/profiles.ts";
import { findSettings, type Setting, type Settings } from "../connect/settings.ts";
import type { Context } from "../context.ts";
import { describeFailure, messageOf } from "../failure.ts";
import { print } from "../print.ts";
import { escapeControls } from "../printable.ts";
import { mask } from "./mask.ts";

/** One thing that was looked at. */
interface Finding {
  readonly what: string;
  readonly says: string;
  /** Where a setting was found. */
  readonly from?: string | undefined;
  readonly isWell: boolean;
}

/** Tells what is configured, from where, and whether it works. */
export async function doctor(context: Context, flags: NamespaceFlags & { json?: true }): Promise<void> {
  const findings: Finding[] = [
    { what: "kvplug", says: `${manifest.version}, on Node ${process.versions.node}`, isWell: true },
  ];
  for await (const finding of examine(context, flags)) findings.push(finding);
  await print(context, flags.json ? `${JSON.stringify(findings)}\n` : findings.map(lineOf).join(""));
  // What is wrong is on stdout, beside what is not.
  if (findings.some(({ isWell }) => !isWell)) throw new CommandError(EXIT.access, "");
}

async function* examine(context: Context, flags: NamespaceFlags): AsyncGenerator<Finding> {
  const { env } = context;
  let profiles: ReadonlyMap<string, Profile> = new Map();
  try {
    profiles = await readProfiles(env);
    const names = profiles.size > 0 ? `profiles ${[...profiles.keys()].join(", ")}` : "no profiles";
    yield { what: "config", says: `${configPath(env)}: ${names}`, isWell: true };
  } catch (error) {
    yield { what: "config", says: messageOf(error), isWell: flags.local === true };
    // The profile is in the file: that there is none would be said twice.
    if (flags.profile !== undefined) return;
  }
  let settings: Settings;
  const address = parseAddress(flags.namespace, profiles);
  if (address.by === "wrangler") return yield* reading(context, flags);
  try {
    settings = findSettings(env, flags, profiles, address.profile);
  } catch (error) {
    return yield { what: "profile", says: messageOf(error), isWell: false };
  }
  yield* configured(settings, address);
  yield* working(context, flags, settings, address);
}

function* configured(settings: Settings, { namespace }: Address): Generator<Finding> {
  const { baseURL, accountId, apiToken, email, apiKey } = settings;
  yield found("API", baseURL);
  yield found("account", accountId) ?? { what: "account", says: "none: set CLOUDFLARE_ACCOUNT_ID", isWell: false };
  if (apiToken) yield found("token", { ...apiToken, value: mask(apiToken.value) });
  else if (apiKey) {
    yield found("API key", { ...apiKey, value: mask(apiKey.value) });
    yield email ? found("email", email) : { what: "email", says: "none: an API key needs one", isWell: false };
  } else yield { what: "token", says: "none: set CLOUDFLARE_API_TOKEN", isWell: false };
  const meant =
    namespace === undefined ? settings.namespace : { value: namespace, from: "--namespace", source: "flag" as const };
  if (meant) yield found("namespace", meant);
}

function found(what: string, setting: Setting): Finding;
function found(what: string, setting: Setting | undefined): Finding | undefined;
function found(what: string, setting: Setting | undefined): Finding | undefined {
  return setting && { what, says: redactURLs(setting.value), from: setting.from, isWell: true };
}

/** Asks the API: for the account's namespaces, and for the one that is meant. */
async function* working(
  context: Context,
  flags: NamespaceFlags,
  settings: Settings,
  address: Address,
): AsyncGenerator<Finding> {
  try {
    await using connections = await Connections.open(context, flags);
    const client = connections.client(settings);
    const { namespaces, totalCount } = await client.namespaces.page(1, { order: "title", deadline: PATIENCE_MS });
    yield { what: "works", says: `yes: ${listed(namespaces, totalCount)}`, isWell: true };
  } catch (error) {
    return yield { what: "works", says: `no: ${reasonOf(error)}`, isWell: false };
  }
  if ((address.namespace ?? settings.namespace?.value) !== undefined) yield* reading(context, flags);
}

/** Reads of the namespace that is meant. */
async function* reading(context: Context, flags: NamespaceFlags): AsyncGenerator<Finding> {
  const what = "reads";
  try {
    await using connections = await Connections.open(context, flags);
    const { kv, id, account } = await connections.target(flags.namespace);
    await kv.list({ limit: 10, deadline: PATIENCE_MS });
    const where = account.startsWith("http") ? "" : ` of ${account}`;
    yield { what, says: `yes: namespace ${id}${where}`, isWell: true };
  } catch (error) {
    yield { what, says: `no: ${reasonOf(error)}`, isWell: false };
  }
}

function reasonOf(error: unknown): string {
  return (describeFailure(error).line ?? "").replace(/^kvplug: /, "");
}

const PATIENCE_MS = 10_000;

function lineOf({ what, says, from, isWell }: Finding): string {
  return `${isWell ? " " : "!"} ${what.padEnd(10)} ${escapeControls(says)}${from === undefined ? "" : `  (${from})`}\n`;
}
