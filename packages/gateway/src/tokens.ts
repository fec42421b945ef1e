import { TOKEN_SECRET_PREFIX, Tokens, parseTokenJson, usableTokens } from "@kvplug/server/access";
import type { Grant } from "@kvplug/server/access";

/** A Worker's bindings, by name. */
export type Env = Readonly<Record<string, unknown>>;

/** They are the same object for as long as a Worker runs. */
const known = new WeakMap<Env, Tokens>();

/** Resolves with what a token may do, or `undefined` if it is unknown. Takes equally long for both. */
export function grantOf(env: Env, token: string): Promise<Grant | undefined> {
  let tokens = known.get(env);
  if (tokens === undefined) known.set(env, (tokens = tokensOf(env)));
  return tokens.grantOf(token);
}

/** Returns all tokens among the secrets. An unusable one grants no access; the log names it. */
function tokensOf(env: Env): Tokens {
  const secrets = Object.entries(env).filter(([name]) => name.startsWith(TOKEN_SECRET_PREFIX));
  const named = Object.fromEntries(secrets.map(([name, secret]) => [name, parseTokenJson(secret)]));
  const tokens = usableTokens(named, (name, why) => console.error(`The secret ${name} grants no access: ${why}.`));
  if (tokens.length === 0) console.error(`No secret ${TOKEN_SECRET_PREFIX}* contains a token, so nobody has access.`);
  return new Tokens(tokens);
}
