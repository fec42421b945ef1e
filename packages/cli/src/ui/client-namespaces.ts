import type { KV, KVClient } from "@kvplug/core";
import { READ_BYTES, type BytesReader } from "@kvplug/core/seam";
import { answerError, type Namespaces, type StoreNamespace } from "@kvplug/server/routes";
import { toApiError, UpstreamNamespaces } from "@kvplug/server/upstream";
import type { Context } from "hono";

/** The namespaces of an account, for the page of one user: all that the credential may see. */
export class ClientNamespaces extends UpstreamNamespaces implements Namespaces {
  readonly open: (id: string) => StoreNamespace;

  constructor(client: KVClient) {
    super(client);
    this.open = (id) => seamOf(client.kv(id));
  }
}

/**
 * Without the driver's own methods: what the routes write as one, the driver gathers. Bytes are read as a proxy reads them,
 * so that a value and its metadata, asked for at once, share a request.
 */
function seamOf(kv: KV): StoreNamespace & BytesReader {
  const { [READ_BYTES]: readBytes } = kv as KV & BytesReader;
  return {
    [READ_BYTES]: readBytes.bind(kv),
    get: kv.get.bind(kv),
    getWithMetadata: kv.getWithMetadata.bind(kv),
    put: kv.put.bind(kv),
    delete: kv.delete.bind(kv),
    list: kv.list.bind(kv),
  };
}

/** Answers what the driver failed with as the API behind it does. */
export function answerAsUpstream(error: Error, c: Context): Response {
  return answerError(toApiError(error) as Error, c);
}
