import type { KVClient, KVNamespaceInfo, KVNamespaceListOptions } from "@kvplug/core";
import { distance } from "fastest-levenshtein";
import { CommandError, EXIT } from "../command-error.ts";
import { printable } from "../printable.ts";

const CLOUDFLARE_ID = /^[0-9a-f]{32}$/;

/** The most namespaces that an error lists. */
const MOST_LISTED = 10;

/** The most titles that an error names. */
const MOST_NAMED = 3;

/**
 * The id of a namespace, by its title or id. What looks like one of Cloudflare's ids is taken for it
 * unseen; all else costs a listing of the account's namespaces.
 *
 * @param noProfile What may have been meant as a profile in front of it.
 * @throws {CommandError} with the nearest titles where there is none.
 */
export async function findNamespace(client: KVClient, titleOrId: string, noProfile?: string): Promise<string> {
  if (CLOUDFLARE_ID.test(titleOrId)) return titleOrId;
  const all = await listNamespaces(client);
  const found = all.find(({ title }) => title === titleOrId) ?? all.find(({ id }) => id === titleOrId);
  if (found) return found.id;
  const besides = noProfile === undefined ? "" : `, and no profile '${noProfile}'`;
  throw new CommandError(EXIT.access, `There is no namespace '${titleOrId}'${besides}. ${nearest(titleOrId, all)}`);
}

/** The only namespace of an account. @throws {CommandError} where there is another number of them. */
export async function onlyNamespace(client: KVClient): Promise<string> {
  const all = await listNamespaces(client);
  if (all.length === 1) return all[0]!.id;
  const which = all.length === 0 ? "It has none." : `It has ${titles(all.slice(0, MOST_NAMED), all.length)}.`;
  throw new CommandError(EXIT.access, `Which namespace of the local server? Add -n. ${which}`);
}

export async function listNamespaces(client: KVClient, options?: KVNamespaceListOptions): Promise<KVNamespaceInfo[]> {
  const all: KVNamespaceInfo[] = [];
  for await (const namespace of client.namespaces.list(options)) all.push(namespace);
  return all;
}

/** What an account has: `the account has 2 namespaces: one (0f2a…), two (77b1…)`. */
export function listed(some: readonly KVNamespaceInfo[], count: number = some.length): string {
  if (count === 0) return "the account has no namespaces";
  const named = some.slice(0, MOST_LISTED).map(({ id, title }) => `${printable(title)} (${id})`);
  const more = count > named.length ? `, and ${count - named.length} more` : "";
  return `the account has ${count === 1 ? "1 namespace" : `${count} namespaces`}: ${named.join(", ")}${more}`;
}

function nearest(wanted: string, all: readonly KVNamespaceInfo[]): string {
  if (all.length === 0) return "The account has none.";
  const lower = wanted.toLowerCase();
  const far = ({ title }: KVNamespaceInfo): number => {
    const other = title.toLowerCase();
    return other.includes(lower) || lower.includes(other) ? 0 : distance(lower, other);
  };
  const near = all
    .filter((one) => far(one) <= Math.max(2, wanted.length / 3))
    .toSorted((a, b) => far(a) - far(b))
    .slice(0, MOST_NAMED);
  if (near.length > 0) return `Did you mean ${titles(near)}?`;
  return `The account has ${titles(all.slice(0, MOST_NAMED), all.length)}.`;
}

function titles(shown: readonly KVNamespaceInfo[], all: number = shown.length): string {
  const more = all > shown.length ? `, and ${all - shown.length} more` : "";
  return shown.map(({ title }) => `'${title}'`).join(", ") + more;
}
