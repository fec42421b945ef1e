import { checkGateway, type CheckStep } from "@kvplug/gateway/check";
import { CommandError, EXIT, usageError } from "../command-error.ts";
import { variable, type Context, type Environment } from "../context.ts";
import { printLine } from "../print.ts";
import { escapeControls } from "../printable.ts";

/** The flags of `kvplug gateway check`. */
export interface CheckFlags {
  token?: string;
  namespace?: string;
  account?: string;
  prefix?: string;
  json?: true;
}

/** Checks a gateway, a line for each step. */
export async function check(
  context: Context,
  address: string | undefined,
  { namespace, account, prefix, json, ...flags }: CheckFlags,
): Promise<void> {
  const url = address ?? variable(context.env, "KVPLUG_GATEWAY_URL");
  if (!url) throw usageError("Which gateway? Pass its URL, or set KVPLUG_GATEWAY_URL.");
  const token = tokenFor(context.env, address, flags.token);
  let isWell = true;
  for await (const step of checkGateway(url, { token, namespace, account, prefix })) {
    await printLine(context, json ? JSON.stringify(step) : lineOf(step));
    isWell &&= step.ok;
  }
  // What is wrong is on stdout, beside what is not.
  if (!isWell) throw new CommandError(EXIT.failed, "");
}

/**
 * Returns the token, if it comes from the same source as the URL: both on the command line, or both as variables. It is
 * never one of Cloudflare's.
 *
 * @throws {CommandError} if there is none, or it comes from another source.
 */
function tokenFor(env: Environment, address: string | undefined, flag: string | undefined): string {
  const own = variable(env, "KVPLUG_GATEWAY_URL");
  const token = flag ?? variable(env, "KVPLUG_GATEWAY_TOKEN");
  if (!token) {
    throw new CommandError(
      EXIT.access,
      "Which token? Set KVPLUG_GATEWAY_URL and KVPLUG_GATEWAY_TOKEN, or add --token.",
    );
  }
  if (flag !== undefined && address === undefined) {
    throw new CommandError(
      EXIT.access,
      "The token of --token is not sent to the address of KVPLUG_GATEWAY_URL: pass the URL too.",
    );
  }
  if (flag === undefined && address !== undefined && !(own && isSameOrigin(own, address))) {
    throw new CommandError(
      EXIT.access,
      "The token of KVPLUG_GATEWAY_TOKEN is not sent to the URL of the command line: set KVPLUG_GATEWAY_URL to it, or add --token.",
    );
  }
  return token;
}

function isSameOrigin(one: string, other: string): boolean {
  return URL.canParse(one) && URL.canParse(other) && new URL(one).origin === new URL(other).origin;
}

function lineOf({ name, ok, detail, elapsed }: CheckStep): string {
  return `${ok ? " " : "!"} ${name.padEnd(8)} ${escapeControls(detail)}  (${Math.round(elapsed)} ms)`;
}
