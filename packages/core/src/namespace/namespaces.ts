import { readEnvelope } from "../requests/answer.ts";
import { maxNamespacesBytes } from "../requests/answer-sizes.ts";
import { KVError, KVLimitError } from "../seam/errors.ts";
import type { KVCallOptions } from "../seam/kv-namespace.ts";
import { MAX_NAMESPACES_PER_PAGE, MAX_TITLE_LENGTH } from "../seam/limits.ts";
import type { ApiCall } from "../requests/api-call.ts";
import type { Requests } from "../requests/requests.ts";
import { callAlone } from "../requests/single.ts";
import { newStats } from "../contract/stats.ts";
import { Steps } from "../seam/steps.ts";
import { CALL_OPTIONS, checkOptionNames, quoteKey } from "../seam/validate.ts";

/** A namespace, as the API describes it. */
export interface KVNamespaceInfo {
  id: string;
  title: string;
  supports_url_encoding?: boolean;
}

/** Options of {@link KVNamespaces.list}. */
export interface KVNamespaceListOptions extends KVCallOptions {
  /** What to order by. Default: the API's choice. */
  order?: "id" | "title";
  direction?: "asc" | "desc";
  /** How many namespaces a page has, 1 to 1,000. Default: 1,000. */
  perPage?: number;
}

/** One page of namespaces. */
export interface KVNamespacePage {
  namespaces: KVNamespaceInfo[];
  page: number;
  perPage: number;
  /** How many there are in all. */
  totalCount: number;
}

/**
 * The namespaces of an account.
 *
 * @example
 * const { namespaces } = createClient({ accountId, apiToken });
 * const sessions = (await namespaces.find("sessions")) ?? (await namespaces.create("sessions"));
 * for await (const { id, title } of namespaces.list()) console.log(id, title);
 */
export class KVNamespaces {
  readonly #requests: Requests;

  /** @internal */
  constructor(requests: Requests) {
    this.#requests = requests;
  }

  /** Yields all namespaces; requests each page when it is needed. */
  async *list(options: KVNamespaceListOptions = {}): AsyncGenerator<KVNamespaceInfo> {
    const steps = new Steps(options);
    for (let number = 1, seen = 0; ; number++) {
      const page = await steps.next((left) => this.page(number, { ...options, ...left }));
      yield* page.namespaces;
      seen += page.namespaces.length;
      if (page.namespaces.length === 0 || seen >= page.totalCount) return;
    }
  }

  /** Resolves with one page, counted from 1. */
  async page(page: number, options: KVNamespaceListOptions = {}): Promise<KVNamespacePage> {
    checkOptionNames("namespaces.list", options, ["order", "direction", "perPage", ...CALL_OPTIONS]);
    const perPage = options.perPage ?? MAX_NAMESPACES_PER_PAGE;
    if (!Number.isInteger(page) || page < 1) throw new KVLimitError(`page must be at least 1, not ${page}.`, 1, page);
    if (!Number.isInteger(perPage) || perPage < 1 || perPage > MAX_NAMESPACES_PER_PAGE) {
      throw new KVLimitError(
        `perPage must be 1 to ${MAX_NAMESPACES_PER_PAGE}, not ${perPage}.`,
        perPage < 1 ? 1 : MAX_NAMESPACES_PER_PAGE,
        perPage,
      );
    }
    const query = new URLSearchParams({ page: String(page), per_page: String(perPage) });
    if (options.order !== undefined) query.set("order", options.order);
    if (options.direction !== undefined) query.set("direction", options.direction);
    const call: ApiCall<KVNamespacePage> = {
      method: "GET",
      path: "",
      query: query.toString(),
      maxAnswerBytes: maxNamespacesBytes(perPage),
      read: (response, asked) => {
        const { result, result_info } = readEnvelope<KVNamespaceInfo[]>(response, asked, Array.isArray);
        return { namespaces: result, page, perPage, totalCount: result_info?.total_count ?? result.length };
      },
    };
    return this.#call(call, options);
  }

  /** Resolves with the namespace with this title, or `undefined` if there is none. */
  async find(title: string, options: KVCallOptions = {}): Promise<KVNamespaceInfo | undefined> {
    checkOptionNames("namespaces.find", options, CALL_OPTIONS);
    for await (const namespace of this.list(options)) if (namespace.title === title) return namespace;
    return undefined;
  }

  /** Resolves with the namespace with this id. @throws {KVError} `KV_NOT_FOUND` if there is none. */
  async get(id: string, options: KVCallOptions = {}): Promise<KVNamespaceInfo> {
    checkOptionNames("namespaces.get", options, CALL_OPTIONS);
    return this.#one("GET", id, options);
  }

  /** Creates a namespace. @throws {KVError} `KV_API` (10014) if the title is taken. */
  async create(title: string, options: KVCallOptions = {}): Promise<KVNamespaceInfo> {
    checkOptionNames("namespaces.create", options, CALL_OPTIONS);
    checkTitle(title);
    // A second one after an answer that got lost would fail: the title is taken by then.
    return this.#one("POST", undefined, options, { title }, "refused");
  }

  /** Changes a namespace's title. */
  async rename(id: string, title: string, options: KVCallOptions = {}): Promise<KVNamespaceInfo> {
    checkOptionNames("namespaces.rename", options, CALL_OPTIONS);
    checkTitle(title);
    return this.#one("PUT", id, options, { title });
  }

  /** Deletes a namespace and everything in it. */
  async delete(id: string, options: KVCallOptions = {}): Promise<void> {
    checkOptionNames("namespaces.delete", options, CALL_OPTIONS);
    await this.#one("DELETE", id, options);
  }

  #one(
    method: ApiCall<unknown>["method"],
    id: string | undefined,
    options: KVCallOptions,
    body?: { title: string },
    repeat?: "refused",
  ): Promise<KVNamespaceInfo> {
    if (id !== undefined) checkNamespaceId(id);
    const call: ApiCall<KVNamespaceInfo> = {
      method,
      path: id === undefined ? "" : `/${encodeURIComponent(id)}`,
      ...(body && { body: JSON.stringify(body), contentType: "application/json" }),
      repeat,
      read: (response, asked) => readEnvelope<KVNamespaceInfo>(response, asked).result,
    };
    return this.#call(call, options);
  }

  #call<Result>(call: ApiCall<Result>, options: KVCallOptions): Promise<Result> {
    this.#requests.checkOpen();
    return callAlone(this.#requests, call, options, newStats());
  }
}

/** Throws unless this can be a namespace's id; an empty one would address all of them. */
export function checkNamespaceId(id: string): void {
  if (typeof id === "string" && id !== "" && id !== "." && id !== "..") return;
  throw new KVError("KV_INVALID", `A namespace's id is the string that the API assigned, not ${quoteKey(id)}.`);
}

function checkTitle(title: string): void {
  if (typeof title !== "string" || title === "")
    throw new KVError("KV_INVALID", "A namespace's title must be a non-empty string.");
  if (title.length > MAX_TITLE_LENGTH) {
    throw new KVLimitError(
      `A namespace's title may have up to ${MAX_TITLE_LENGTH} characters; this one has ${title.length}.`,
      MAX_TITLE_LENGTH,
      title.length,
    );
  }
}
