import type { KV, KVClient } from "@kvplug/core";
import {
  GET_WITH_EXPIRATION,
  isKVError,
  READ_BYTES,
  type BytesReader,
  type ExpirationReader,
  type KVError,
  type KVErrorCode,
} from "@kvplug/core/seam";
import { ApiError, CODE, failure, type Namespaces, type StoreNamespace } from "@kvplug/server/routes";
import type { Context } from "hono";
import { listNamespaces } from "../connect/find-namespace.ts";

/** The namespaces of an account as the routes of the REST API stand on them. */
export function namespacesOf(client: KVClient): Namespaces {
  const { namespaces } = client;
  const unlessTaken = <Result>(made: Promise<Result>): Promise<Result | undefined> =>
    made.catch((error: unknown) => {
      if (isKVError(error) && error.errors.some(({ code }) => code === CODE.titleTaken)) return undefined;
      throw error;
    });
  return {
    list: () => listNamespaces(client),
    get: (id) =>
      namespaces.get(id).catch((error: unknown) => {
        if (isKVError(error) && error.code === "KV_NOT_FOUND") return undefined;
        throw error;
      }),
    create: (title) => unlessTaken(namespaces.create(title)),
    rename: (id, title) => unlessTaken(namespaces.rename(id, title)),
    delete: (id) => namespaces.delete(id),
    open: (id) => seamOf(client.kv(id)),
  };
}

/**
 * Without the driver's own methods: what the routes write as one, the driver gathers. Bytes are read as a proxy reads them,
 * so that a value and its metadata, asked for at once, share a request.
 */
function seamOf(kv: KV): StoreNamespace & ExpirationReader {
  const { [READ_BYTES]: readBytes } = kv as KV & BytesReader;
  return {
    [GET_WITH_EXPIRATION]: (key) => readBytes.call(kv, key, { metadata: false }),
    get: kv.get.bind(kv),
    getWithMetadata: kv.getWithMetadata.bind(kv),
    put: kv.put.bind(kv),
    delete: kv.delete.bind(kv),
    list: kv.list.bind(kv),
  };
}

/** Answers what the driver failed with as the API behind it does. */
export function answerAsUpstream(error: Error, c: Context): Response {
  if (error instanceof ApiError) return c.json(failure(error.code, error.message), error.status);
  if (!isKVError(error)) return c.json(failure(CODE.unavailable, "kvplug ui failed to handle this request."), 500);
  const [first] = error.errors;
  return c.json(failure(first?.code ?? codeOf(error), error.message), statusOf(error));
}

function codeOf({ code }: KVError): number {
  if (code === "KV_INVALID" || code === "KV_LIMIT") return CODE.value;
  return code === "KV_NOT_FOUND" ? CODE.namespaceNotFound : CODE.unavailable;
}

/** What the API answers with each; all else is 502, since it is what this process was answered. */
const STATUSES: ReadonlyMap<KVErrorCode, 400 | 403 | 404 | 413 | 429> = new Map([
  ["KV_INVALID", 400],
  ["KV_LIMIT", 413],
  ["KV_AUTH", 403],
  ["KV_CONFIG", 403],
  ["KV_NOT_FOUND", 404],
  ["KV_RATE_LIMIT", 429],
]);

function statusOf({ code, httpStatus }: KVError): 400 | 403 | 404 | 413 | 429 | 502 {
  return STATUSES.get(code) ?? (httpStatus !== undefined && httpStatus < 500 ? 400 : 502);
}
