import { readEnvelope } from "../requests/answer.ts";
import { maxListBytes } from "../requests/answer-sizes.ts";
import type { KVCallOptions, KVListKey, KVListResult } from "../seam/kv-namespace.ts";
import { KVError } from "../seam/errors.ts";
import { MAX_LIST_LIMIT, MIN_REST_LIST_LIMIT } from "../seam/limits.ts";
import type { ApiCall } from "../requests/api-call.ts";
import type { NamespaceApi } from "../requests/namespace-api.ts";
import type { Steps } from "../seam/steps.ts";

interface ListRequest {
  prefix: string;
  limit: number;
  cursor: string;
}

/** The listings of one namespace. */
export class Listing {
  readonly #api: NamespaceApi;

  constructor(api: NamespaceApi) {
    this.#api = api;
  }

  /** One page. Fewer names than the API gives at least are a part of its page, with a cursor into it. */
  async page(request: ListRequest, options: KVCallOptions): Promise<KVListResult> {
    const { cursor, after } = parseCursor(request.cursor);
    const page = await this.#page({ ...request, cursor, limit: Math.max(request.limit, MIN_REST_LIST_LIMIT) }, options);
    const start = after === undefined ? 0 : page.keys.findIndex(({ name }) => compareUtf8(name, after) > 0);
    const keys = start === -1 ? [] : page.keys.slice(start, start + request.limit);
    const isRest = start === -1 || start + keys.length === page.keys.length;
    const next = isRest ? page.cursor : cursorAfter(cursor, keys.at(-1)!.name);
    return next === ""
      ? { list_complete: true, keys, cacheStatus: null }
      : { list_complete: false, keys, cursor: next, cacheStatus: null };
  }

  /**
   * Yields all pages; requests each only when the caller is done with the previous one.
   *
   * @param check Throws where no page may be requested any more.
   */
  async *pages(prefix: string, steps: Steps, check?: () => void): AsyncGenerator<KVListKey[]> {
    let cursor = "";
    do {
      check?.();
      const request = { prefix, cursor, limit: MAX_LIST_LIMIT };
      const page = await steps.next((options) => this.#page(request, options));
      if (page.keys.length > 0) yield page.keys;
      cursor = page.cursor;
    } while (cursor !== "");
  }

  #page(
    { prefix, limit, cursor }: ListRequest,
    options: KVCallOptions,
  ): Promise<{ keys: KVListKey[]; cursor: string }> {
    const query = new URLSearchParams({ limit: String(limit) });
    if (prefix !== "") query.set("prefix", prefix);
    if (cursor !== "") query.set("cursor", cursor);
    const call: ApiCall<{ keys: KVListKey[]; cursor: string }> = {
      method: "GET",
      path: this.#api.path("/keys"),
      query: query.toString(),
      maxAnswerBytes: maxListBytes(limit),
      read: (response, asked) => {
        const { result, result_info } = readEnvelope<KVListKey[]>(response, asked, areKeys);
        return { keys: result, cursor: result_info?.cursor ?? "" };
      },
    };
    return this.#api.call(call, options);
  }
}

function areKeys(result: unknown): boolean {
  return Array.isArray(result) && result.every((key: { name?: unknown } | null) => typeof key?.name === "string");
}

/** Marks kvplug's own cursors: the API's cursor, and the last name that was returned from its page. */
const CURSOR_MARK = "kvplug:";

function cursorAfter(cursor: string, name: string): string {
  return CURSOR_MARK + encodeURIComponent(JSON.stringify([cursor, name]));
}

function parseCursor(cursor: string): { cursor: string; after?: string } {
  if (!cursor.startsWith(CURSOR_MARK)) return { cursor };
  try {
    const [own, after] = JSON.parse(decodeURIComponent(cursor.slice(CURSOR_MARK.length))) as [string, string];
    return { cursor: own, after };
  } catch {
    throw new KVError("KV_INVALID", "The cursor is not one of a listing. Pass the previous page's cursor unchanged.");
  }
}

/** The order of a listing. Code points order as UTF-8 bytes do; UTF-16 units do not. */
function compareUtf8(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = left[i]!.codePointAt(0)! - right[i]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
