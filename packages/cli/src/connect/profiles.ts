import { readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { closest, distance } from "fastest-levenshtein";
import { CommandError, EXIT } from "../command-error.ts";
import { shellQuote } from "../shell.ts";
import { variable, type Environment } from "../context.ts";
import { RESERVED } from "./reserved.ts";

/** An account by name, as the config file holds it. What is left out is looked for in the environment. */
export interface Profile {
  accountId?: string;
  apiToken?: string;
  email?: string;
  apiKey?: string;
  baseURL?: string;
  /** The title or id of the default namespace. */
  namespace?: string;
}

const FIELDS: readonly string[] = [
  "accountId",
  "apiToken",
  "email",
  "apiKey",
  "baseURL",
  "namespace",
] satisfies (keyof Profile)[];

/** Where the config file is: `KVPLUG_CONFIG`, else `kvplug/config.json` in `XDG_CONFIG_HOME` or `~/.config`. */
export function configPath(env: Environment): string {
  return (
    variable(env, "KVPLUG_CONFIG") ??
    join(variable(env, "XDG_CONFIG_HOME") ?? join(homedir(), ".config"), "kvplug", "config.json")
  );
}

/**
 * Reads the profiles; none if there is no file.
 *
 * @throws {CommandError} if others can read the file, or its content is invalid.
 */
export async function readProfiles(env: Environment): Promise<ReadonlyMap<string, Profile>> {
  const path = configPath(env);
  const about = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw error;
  });
  if (about === undefined) return new Map();
  // Windows keeps who may read a file elsewhere.
  if (process.platform !== "win32" && (about.mode & 0o077) !== 0) {
    const mode = (about.mode & 0o777).toString(8);
    throw refused(
      path,
      `others can read it (mode ${mode}), and it contains tokens. Run: chmod 600 ${shellQuote(path)}`,
    );
  }
  return parseProfiles(path, await readFile(path, "utf8"));
}

/** @throws {CommandError} with the nearest name if there is no such profile. */
export function profileNamed(env: Environment, profiles: ReadonlyMap<string, Profile>, name: string): Profile {
  const profile = profiles.get(name);
  if (profile !== undefined) return profile;
  const names = [...profiles.keys()];
  const near = names.length > 0 ? closest(name, names) : undefined;
  const isNear = near !== undefined && distance(name, near) <= Math.max(2, name.length / 2);
  const hint = isNear ? `Did you mean ${near}?` : `It has ${names.length === 0 ? "none" : names.join(", ")}.`;
  throw new CommandError(EXIT.access, `${configPath(env)} has no profile '${name}'. ${hint}`);
}

function parseProfiles(path: string, text: string): ReadonlyMap<string, Profile> {
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch {
    // The parser's own message quotes the file, tokens and all.
    throw refused(path, "it is not JSON.");
  }
  const profiles = isObject(config) ? config["profiles"] : undefined;
  if (!isObject(profiles)) throw refused(path, 'it must be {"profiles": {"NAME": {…}}}.');
  for (const [name, profile] of Object.entries(profiles)) {
    if (!isObject(profile)) throw refused(path, `the profile '${name}' must be an object.`);
    if (RESERVED.includes(name) || name === "" || name.includes(":")) {
      throw refused(path, `'${name}' cannot be a profile: ${RESERVED.join(", ")} are reserved, and ':' ends a name.`);
    }
    for (const [field, value] of Object.entries(profile)) {
      if (!FIELDS.includes(field)) {
        throw refused(path, `the profile '${name}' has an unknown field '${field}'. Fields are ${FIELDS.join(", ")}.`);
      }
      if (typeof value !== "string" || value === "") {
        throw refused(path, `${field} of the profile '${name}' must be a non-empty string.`);
      }
    }
  }
  return new Map(Object.entries(profiles as Record<string, Profile>));
}

function refused(path: string, why: string): CommandError {
  return new CommandError(EXIT.access, `${path} is not used: ${why}`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
