import { readEnvelope } from "./answer.ts";
import { maxWrittenBytes } from "./answer-sizes.ts";
import { itemOf } from "./bulk.ts";
import type { Milliseconds } from "./kv-namespace.ts";
import type { NamespaceApi } from "./namespace-api.ts";
import type { ApiCall } from "./request.ts";
import type { CheckedPutOptions } from "./validate.ts";
import { formOf, StreamBody, type Form } from "./body.ts";
import type { StreamedValue, WholeValue } from "./value.ts";
import type { Write } from "./write.ts";

const OCTETS = "application/octet-stream";

/** What a write needs to know of its request. */
export interface WriteTerms {
  end: Milliseconds;
  /** Whether the gate has let in the first attempt already. */
  admitted: boolean;
  signal: AbortSignal | undefined;
}

/** How a lone write ended: `"again"` where the API says that this key is written too fast. */
export type Outcome = "done" | "again";

/** The write requests of one namespace. */
export class WriteRequests {
  readonly #api: NamespaceApi;

  constructor(api: NamespaceApi) {
    this.#api = api;
  }

  async put(
    key: string,
    value: WholeValue | StreamedValue,
    options: CheckedPutOptions,
    terms: WriteTerms,
  ): Promise<Outcome> {
    const { metadata } = options;
    if ("data" in value) {
      const { data } = value;
      const body = metadata === undefined ? { contentType: OCTETS, body: data } : formOf(data, metadata);
      return this.#put(key, body, options, terms, "failed");
    }
    const body = new StreamBody(key, value.stream);
    try {
      // Its length is not known beforehand, so it must tell its own end.
      return await this.#put(key, formOf(body, metadata), options, terms, "never");
    } catch (error) {
      const reason = body.failure ? body.failure.error : error;
      body.cancel(reason);
      throw reason;
    }
  }

  delete(key: string, terms: WriteTerms): Promise<Outcome> {
    return this.#alone({ ...terms, method: "DELETE", path: this.#api.keyPath("values", key), key });
  }

  /** Puts or deletes all of these; returns the keys that the API could not do. */
  bulk(kind: "put" | "delete", writes: readonly Write[], terms: WriteTerms): Promise<ReadonlySet<string>> {
    this.#api.stats.batches++;
    const body = `[${writes.map((write) => itemOf(write).json).join(",")}]`;
    return this.#api.send({
      ...terms,
      letFinish: true,
      method: kind === "put" ? "PUT" : "POST",
      path: this.#api.path(kind === "put" ? "/bulk" : "/bulk/delete"),
      contentType: "application/json",
      body,
      keys: writes.length,
      maxAnswerBytes: maxWrittenBytes(writes.length),
      read: (response, asked) => {
        const { result } = readEnvelope<{ unsuccessful_keys?: string[] } | null>(response, asked);
        return new Set(result?.unsuccessful_keys);
      },
    });
  }

  #put(
    key: string,
    body: Form,
    { expiration, expirationTtl }: CheckedPutOptions,
    terms: WriteTerms,
    repeat: "failed" | "never",
  ): Promise<Outcome> {
    const query = new URLSearchParams();
    if (expiration !== undefined) query.set("expiration", String(expiration));
    if (expirationTtl !== undefined) query.set("expiration_ttl", String(expirationTtl));
    return this.#alone({
      ...terms,
      method: "PUT",
      path: this.#api.keyPath("values", key),
      query: query.toString(),
      ...body,
      key,
      repeat,
    });
  }

  #alone(call: Omit<ApiCall<Outcome>, "read" | "tooFast">): Promise<Outcome> {
    return this.#api.send<Outcome>({
      ...call,
      // A stream cannot be sent again.
      ...(call.repeat === "never" ? {} : { letFinish: true }),
      ...(call.repeat !== "never" && this.#api.requests.settings.retry.refused ? { tooFast: "again" } : {}),
      read: (response, asked): Outcome => {
        readEnvelope(response, asked);
        return "done";
      },
    });
  }
}
