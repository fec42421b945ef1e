import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import stripJSONComments from "strip-json-comments";
import { CommandError, EXIT } from "../command-error.ts";

/** A KV namespace that a Worker has, as wrangler's configuration binds it. */
export interface BoundNamespace {
  /** The name of the binding, such as `SESSIONS`. */
  readonly binding: string;
  /** The namespace at Cloudflare; `undefined` until a first deployment creates it. */
  readonly id: string | undefined;
  /** The name under which `wrangler dev` keeps it on this machine. */
  readonly localId: string;
  /** Whether `wrangler dev` uses the namespace at Cloudflare. */
  readonly remote: boolean;
}

/** What wrangler's configuration says about KV, of one environment. */
export interface Configuration {
  /** Its file. */
  readonly path: string;
  readonly environment: string | undefined;
  readonly accountId: string | undefined;
  readonly namespaces: readonly BoundNamespace[];
}

/** In the order in which wrangler looks for them. */
const NAMES: readonly string[] = ["wrangler.json", "wrangler.jsonc", "wrangler.toml"];

/**
 * Reads wrangler's configuration.
 *
 * @param path Its file. Default: the nearest one, from the working directory upwards.
 * @param environment Its environment. Default: the top level.
 * @throws {CommandError} if there is no such file or environment, or it cannot be read.
 */
export async function readConfiguration(
  path: string | undefined,
  environment: string | undefined,
): Promise<Configuration> {
  const file = path === undefined ? nearest(process.cwd()) : resolve(path);
  const top = await parse(file);
  const chosen = environment === undefined ? top : environmentOf(file, top, environment);
  const { account_id: accountId = top["account_id"], kv_namespaces: namespaces = [] } = chosen;
  if (!Array.isArray(namespaces)) throw refused(file, "its kv_namespaces must be a list.");
  return {
    path: file,
    environment,
    accountId: textOf(accountId),
    namespaces: namespaces.map((one) => boundNamespace(file, one)),
  };
}

/**
 * Returns the namespace of a binding; without a name, the only one.
 *
 * @throws {CommandError} with the bindings there are.
 */
export function findBinding(
  { path, environment, namespaces }: Configuration,
  name: string | undefined,
): BoundNamespace {
  const found = name === undefined ? namespaces : namespaces.filter(({ binding }) => binding === name);
  if (found.length === 1) return found[0]!;
  const where = environment === undefined ? path : `${path}, in the environment '${environment}',`;
  const names = namespaces.map(({ binding }) => binding).join(", ");
  if (names === "") throw new CommandError(EXIT.access, `${where} binds no KV namespace.`);
  const problem = name === undefined ? `Which binding? ${where} binds` : `${where} has no KV binding '${name}'. It has`;
  throw new CommandError(EXIT.access, `${problem} ${names}.`);
}

function nearest(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = NAMES.map((name) => join(folder, name)).find((file) => existsSync(file));
    if (found !== undefined) return found;
    if (dirname(folder) === folder) break;
  }
  throw new CommandError(
    EXIT.access,
    `There is no ${NAMES.join(", no ")} in ${from} or above it. Add --wrangler-config FILE.`,
  );
}

type Table = Readonly<Record<string, unknown>>;

/** The parsers' own messages quote the file, which may hold secrets. */
async function parse(file: string): Promise<Table> {
  const text = await readFile(file, "utf8");
  const isTOML = file.endsWith(".toml");
  let parsed: unknown;
  try {
    if (isTOML) parsed = (await import("smol-toml")).parse(text);
    else parsed = JSON.parse(stripJSONComments(text, { trailingCommas: true }));
  } catch {
    throw refused(file, isTOML ? "it is not TOML." : "it is not JSON with comments.");
  }
  if (!isTable(parsed)) throw refused(file, "it must be an object.");
  return parsed;
}

/** Bindings are not inherited: each environment has its own. */
function environmentOf(file: string, top: Table, name: string): Table {
  const environments = isTable(top["env"]) ? top["env"] : {};
  const chosen = Object.hasOwn(environments, name) ? environments[name] : undefined;
  if (isTable(chosen)) return chosen;
  const names = Object.keys(environments);
  const has = names.length === 0 ? "It has none." : `It has ${names.join(", ")}.`;
  throw new CommandError(EXIT.access, `${file} has no environment '${name}'. ${has}`);
}

function boundNamespace(file: string, given: unknown): BoundNamespace {
  const { binding, id, preview_id: previewId, remote } = isTable(given) ? given : {};
  if (typeof binding !== "string" || binding === "") throw refused(file, "one of its kv_namespaces has no binding.");
  return {
    binding,
    id: textOf(id),
    localId: textOf(previewId) ?? textOf(id) ?? binding,
    remote: remote === true,
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refused(file: string, why: string): CommandError {
  return new CommandError(EXIT.access, `${file} cannot be used: ${why}`);
}
