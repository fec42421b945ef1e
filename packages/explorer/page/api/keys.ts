import type { ListedKey } from "../keys/key-table.ts";
import { ask, askFor, json } from "./http.ts";
import { pathOf } from "./namespaces.ts";

/** The most names of one request. */
export const KEYS_PER_PAGE = 1000;

/** Names that follow one another; `cursor` is empty behind the last one. */
export interface KeyPage {
  readonly keys: ListedKey[];
  readonly cursor: string;
}

/** Asks for the names that begin with a prefix, from a cursor on: one request for a thousand. */
export async function listKeys(
  at: { readonly account: string; readonly namespace: string; readonly prefix: string },
  cursor: string,
  signal: AbortSignal,
): Promise<KeyPage> {
  const query = new URLSearchParams({ limit: String(KEYS_PER_PAGE) });
  if (at.prefix !== "") query.set("prefix", at.prefix);
  if (cursor !== "") query.set("cursor", cursor);
  const response = await ask(`${pathOf(at.account, at.namespace)}/keys?${query.toString()}`, { signal });
  const { result, result_info: info } = (await response.json()) as {
    result: ListedKey[];
    result_info: { cursor?: string };
  };
  return { keys: result, cursor: info.cursor ?? "" };
}

/** The bytes of up to a hundred text values, by name, in one request; what is no text is left out. */
export async function sizesOf(
  account: string,
  namespace: string,
  keys: readonly string[],
): Promise<Map<string, number>> {
  const { values } = await askFor<{ values: Record<string, string | null> }>(
    `${pathOf(account, namespace)}/bulk/get`,
    json("POST", { keys, type: "text" }),
  );
  const encoder = new TextEncoder();
  const sizes = new Map<string, number>();
  for (const [name, value] of Object.entries(values)) if (value !== null) sizes.set(name, encoder.encode(value).length);
  return sizes;
}
