import type { ProxyOptions } from "@kvplug/proxy";
import { CommandError, EXIT } from "../command-error.ts";
import type { Environment } from "../context.ts";

/** The variables of tokens begin so, as a gateway's secrets do. */
const PREFIX = "KVPLUG_TOKEN_";

/**
 * The tokens of the variables; `undefined` where there are none.
 *
 * @throws {CommandError} that names the first variable which holds no JSON.
 */
export function tokensOf(env: Environment): ProxyOptions["tokens"] {
  const tokens: Record<string, NonNullable<ProxyOptions["tokens"]>[string]> = {};
  for (const [name, json] of Object.entries(env)) {
    if (name.startsWith(PREFIX) && json) tokens[name] = parse(name, json);
  }
  return Object.keys(tokens).length === 0 ? undefined : tokens;
}

function parse(name: string, json: string): any {
  try {
    return JSON.parse(json);
  } catch {
    // The parser's own message quotes it.
    throw new CommandError(
      EXIT.access,
      `${name} is not JSON. It holds the hash of a token and what that may do: {"sha256":"…","access":"read"}.`,
    );
  }
}
