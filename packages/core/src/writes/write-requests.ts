import { readEnvelope } from "../requests/answer.ts";
import { maxWrittenBytes } from "../requests/answer-sizes.ts";
import { itemOf } from "./bulk.ts";
import { now } from "../time/clock.ts";
import type { NamespaceApi } from "../requests/namespace-api.ts";
import type { ApiCall, Call } from "../requests/api-call.ts";
import type { Sending } from "../calls/sending.ts";
import type { CheckedPutOptions } from "../seam/put-options.ts";
import { formOf, type Form, type StreamBody } from "./body.ts";
import type { WholeValue } from "../seam/value.ts";
import type { Write } from "./write.ts";

const OCTETS = "application/octet-stream";

/** What a write needs to know of its request. */
export interface WriteTerms {
  readonly sending: Sending;
  /** Called when an attempt begins. */
  readonly onStart: () => void;
  readonly onFailure: (error: unknown) => void;
  /** Whether its body, after an attempt that failed, may be sent as it is. */
  readonly fits: () => boolean;
}

/** How a single write ended: `"again"` after a 429 for this key, which is written too fast. */
export type Outcome = "done" | "again";

/** The write requests of one namespace. */
export class WriteRequests {
  readonly #api: NamespaceApi;

  constructor(api: NamespaceApi) {
    this.#api = api;
  }

  put(key: string, { data }: WholeValue, options: CheckedPutOptions, terms: WriteTerms): Promise<Outcome> {
    const { metadata } = options;
    const body = metadata === undefined ? { contentType: OCTETS, body: data } : formOf(data, metadata);
    return this.#put(key, body, options, terms, { mayEnd: () => false });
  }

  /** A stream cannot be resent. Until all of it is sent, it may be aborted. */
  async putStream(key: string, body: StreamBody, options: CheckedPutOptions, terms: WriteTerms): Promise<Outcome> {
    try {
      // Its length is not known beforehand, so it must tell its own end.
      const form = formOf(body, options.metadata);
      return await this.#put(key, form, options, terms, { repeat: "never", mayEnd: () => !body.isComplete });
    } catch (error) {
      const reason = body.failure ? body.failure.error : error;
      body.cancel(reason);
      throw reason;
    }
  }

  delete(key: string, terms: WriteTerms): Promise<Outcome> {
    return this.#alone({ method: "DELETE", path: this.#api.keyPath("values", key), key, mayEnd: () => false }, terms);
  }

  /** Puts or deletes all of these, as they are at each attempt; returns the keys that the API could not do. */
  bulk(kind: "put" | "delete", writes: () => readonly Write[], terms: WriteTerms): Promise<ReadonlySet<string>> {
    this.#api.stats.batches++;
    const keys = writes().length;
    let [bytes, began, moved] = [0, now(), now()];
    const composed = (): string => {
      let body = "";
      for (const write of writes()) body += `${body === "" ? "[" : ","}${itemOf(write).json}`;
      [bytes, began, moved] = [0, now(), now()];
      return `${body}]`;
    };
    const took = (isDone: boolean): void => {
      if (kind === "put") this.#api.requests.limits.took(bytes, moved - began, isDone);
      bytes = 0;
    };
    const call: ApiCall<ReadonlySet<string>> = {
      mayEnd: () => false,
      onStart: terms.onStart,
      onSent: (sent) => ([bytes, moved] = [sent, now()]),
      onFailure: (error) => {
        took(false);
        terms.onFailure(error);
      },
      method: kind === "put" ? "PUT" : "POST",
      path: this.#api.path(kind === "put" ? "/bulk" : "/bulk/delete"),
      contentType: "application/json",
      body: { composed },
      get repeat() {
        return terms.fits() ? "failed" : "refused";
      },
      keys,
      maxAnswerBytes: maxWrittenBytes(keys),
      read: (response, asked) => {
        took(true);
        const { result } = readEnvelope<BulkResult>(response, asked, (told) => isWhole(told, writes().length));
        return new Set(result.unsuccessful_keys);
      },
    };
    return this.#api.send(call, terms.sending);
  }

  #put(
    key: string,
    body: Form,
    { expiration, expirationTtl }: CheckedPutOptions,
    terms: WriteTerms,
    more: Pick<ApiCall<Outcome>, "repeat" | "mayEnd">,
  ): Promise<Outcome> {
    const query = new URLSearchParams();
    if (expiration !== undefined) query.set("expiration", String(expiration));
    if (expirationTtl !== undefined) query.set("expiration_ttl", String(expirationTtl));
    const call = {
      method: "PUT",
      path: this.#api.keyPath("values", key),
      query: query.toString(),
      ...body,
      key,
      ...more,
    } as const;
    return this.#alone(call, terms);
  }

  #alone(call: Call<Outcome>, terms: WriteTerms): Promise<Outcome> {
    return this.#api.send<Outcome>(
      {
        ...call,
        onStart: terms.onStart,
        onFailure: terms.onFailure,
        tooFast: "again",
        read: (response, asked): Outcome => {
          readEnvelope(response, asked);
          return "done";
        },
      },
      terms.sending,
    );
  }
}

/** What a bulk write comes to. */
interface BulkResult {
  successful_key_count?: number;
  unsuccessful_keys?: string[];
}

/** Whether an answer accounts for each of so many keys; one that does not confirms nothing. */
function isWhole(result: BulkResult | null, keys: number): boolean {
  if (typeof result !== "object" || result === null) return false;
  const { successful_key_count: successful, unsuccessful_keys: unsuccessful = [] } = result;
  if (!Array.isArray(unsuccessful)) return false;
  return successful === undefined ? result.unsuccessful_keys !== undefined : successful + unsuccessful.length >= keys;
}
