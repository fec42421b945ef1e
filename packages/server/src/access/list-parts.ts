import type { KVListOptions, KVListResult, KVNamespace } from "@kvplug/core/seam";
import { ApiError, CODE } from "../routes/errors.ts";

/**
 * Returns a page of a listing that may consist of several, one after another. Its cursor says in which of them it
 * continues, and works for no other listing: a cursor of KV alone might lead anywhere.
 */
export async function listParts<Metadata>(
  kv: Pick<KVNamespace<any>, "list">,
  parts: readonly string[],
  { limit, cursor }: KVListOptions,
): Promise<KVListResult<Metadata>> {
  const at = cursor ? readCursor(cursor, parts) : { part: 0, inner: "" };
  const prefix = parts[at.part]!;
  const page = await kv.list<Metadata>({
    prefix,
    ...(limit !== undefined && { limit }),
    ...(at.inner !== "" && { cursor: at.inner }),
  });
  if (page.keys.some(({ name }) => !name.startsWith(prefix))) throw foreignCursor();
  const { keys } = page;
  if (!page.list_complete)
    return { list_complete: false, keys, cursor: toCursor(prefix, page.cursor), cacheStatus: null };
  const next = parts[at.part + 1];
  if (next === undefined) return { list_complete: true, keys, cacheStatus: null };
  return { list_complete: false, keys, cursor: toCursor(next, ""), cacheStatus: null };
}

function toCursor(prefix: string, inner: string): string {
  return `${encodeURIComponent(prefix)}:${inner}`;
}

function readCursor(cursor: string, parts: readonly string[]): { part: number; inner: string } {
  const end = cursor.indexOf(":");
  const part = parts.findIndex((prefix) => end !== -1 && encodeURIComponent(prefix) === cursor.slice(0, end));
  if (part === -1) throw foreignCursor();
  return { part, inner: cursor.slice(end + 1) };
}

function foreignCursor(): ApiError {
  return new ApiError(400, CODE.value, "The cursor is not one of a listing of this prefix.");
}
