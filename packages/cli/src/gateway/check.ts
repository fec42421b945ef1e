import { checkGateway, type CheckStep } from "@kvplug/gateway/check";
import { CommandError, EXIT } from "../command-error.ts";
import { variable, type Context } from "../context.ts";
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
  url: string,
  { namespace, account, prefix, json, ...flags }: CheckFlags,
): Promise<void> {
  // Never Cloudflare's own: a token must not travel to where it does not belong.
  const token = flags.token ?? variable(context.env, "KVPLUG_GATEWAY_TOKEN");
  if (!token) throw new CommandError(EXIT.access, "Which token? Set KVPLUG_GATEWAY_TOKEN, or give --token.");
  let isWell = true;
  for await (const step of checkGateway(url, { token, namespace, account, prefix })) {
    await printLine(context, json ? JSON.stringify(step) : lineOf(step));
    isWell &&= step.ok;
  }
  // What is wrong is on stdout, beside what is not.
  if (!isWell) throw new CommandError(EXIT.failed, "");
}

function lineOf({ name, ok, detail, elapsed }: CheckStep): string {
  return `${ok ? " " : "!"} ${name.padEnd(8)} ${escapeControls(detail)}  (${Math.round(elapsed)} ms)`;
}
