import {
  isPage,
  isTooMuch,
  NOT_TEXT,
  notTheApi,
  OUT_OF_SCOPE,
  readEnvelope,
  readError,
  saysCode,
} from "../requests/answer.ts";
import { parseBulkAnswer } from "./bulk-answer.ts";
import { maxReadBytes, MAX_VALUE_ANSWER_BYTES } from "../requests/answer-sizes.ts";
import type { Found, RawValue } from "../seam/decode.ts";
import { KVError } from "../seam/errors.ts";
import type { Flow } from "../seam/flow.ts";
import type { KVCallOptions, KVStream, Seconds, UnixSeconds } from "../seam/kv-namespace.ts";
import type { ApiCall, Call } from "../requests/api-call.ts";
import type { NamespaceApi } from "../requests/namespace-api.ts";
import type { Sending } from "../calls/sending.ts";
import type { TransportHead } from "../transport/transport.ts";
import type { Withdrawal } from "../seam/withdrawal.ts";

/** What a read finds that asks for no value. */
export type Described = Pick<Found, "metadata">;

/** A key to read, and how. */
export interface Wanted {
  readonly key: string;
  readonly metadata: boolean;
  /** Whether somebody wants its bytes. */
  readonly bytes: boolean;
  /** Whether it is likely not text, so that it should fail no bulk read. Default: `false`. */
  readonly binary?: boolean;
  /** Whether it matters when the key expires, of which a bulk read tells with the metadata. Default: `false`. */
  readonly expiration?: boolean;
  /** For how long a gateway's edge may keep it. */
  readonly cacheTtl?: Seconds | undefined;
  /** In which it has its turn. */
  readonly flow?: Flow | undefined;
  /** Whether what is found is only passed on, so that it may be shared. Default: `false`. */
  readonly asIs?: boolean;
  /** What withdraws the read, with all that it asks for. */
  readonly withdrawal?: Withdrawal | undefined;
}

type BulkValues = ReadonlyMap<string, { value: string; metadata: unknown; expiration?: number } | string | null>;

/** The read requests of one namespace. */
export class ReadRequests {
  readonly #api: NamespaceApi;

  constructor(api: NamespaceApi) {
    this.#api = api;
  }

  /** A lone value, without its metadata. */
  value(
    { key, bytes }: Pick<Wanted, "key" | "bytes">,
    sending: Sending,
    cacheTtl: Seconds | undefined,
  ): Promise<Found | null> {
    return this.#api.send<Found | null>(
      {
        ...this.#valueCall(key, cacheTtl),
        read: (response, asked) => {
          if (isPage(response)) throw readError(response, asked);
          return foundIn<RawValue>(bytes ? response.arrayBuffer() : response.text(), response);
        },
      },
      sending,
    );
  }

  /** A lone value as a stream, without its metadata. */
  stream(key: string, options: KVCallOptions & { cacheTtl?: Seconds | undefined }): Promise<Found<KVStream> | null> {
    const { signal, cacheTtl } = options;
    return this.#api.call<Found<KVStream> | null>(
      { ...this.#valueCall(key, cacheTtl), signal, open: (answer, stream) => foundIn(stream, answer) },
      options,
    );
  }

  /** Resolves with the metadata of one key, `null` if it has none; with `null` as a whole if the key does not exist. */
  metadata(key: string, sending: Sending): Promise<Described | null> {
    return this.#api.send(this.#metadataCall(key), sending);
  }

  /** Like {@link metadata}, for a caller that shares the request with no other. */
  metadataAlone(key: string, options: KVCallOptions): Promise<Described | null> {
    return this.#api.call(this.#metadataCall(key), options);
  }

  /** Up to a hundred keys in one request, as long as all are text; a key that does not exist is not in the map. */
  bulk(wanted: readonly Wanted[], sending: Sending, cacheTtl: Seconds | undefined): Promise<Map<string, Found>> {
    const keys = wanted.map(({ key }) => key);
    const withMetadata = wanted.some(({ metadata, expiration }) => metadata || expiration);
    this.#api.stats.batches++;
    const call: ApiCall<Map<string, Found>> = {
      cacheTtl,
      method: "POST",
      path: this.#api.path("/bulk/get"),
      contentType: "application/json",
      body: JSON.stringify(withMetadata ? { keys, withMetadata } : { keys }),
      key: keys.length === 1 ? keys[0] : undefined,
      keys: keys.length,
      maxAnswerBytes: maxReadBytes(keys.length),
      read: (response, asked) => {
        const { values } = readEnvelope<{ values: BulkValues }>(response, asked, hasValues, (text) =>
          parseBulkAnswer(text, keys),
        ).result;
        const found = new Map<string, Found>();
        for (const key of keys) {
          // One of which the answer says nothing may be there.
          const entry = values.get(key);
          if (typeof entry === "string") found.set(key, { value: entry, metadata: null });
          else if (typeof entry?.value === "string") found.set(key, entry);
          else if (entry !== null) throw notTheApi(response, asked);
        }
        return found;
      },
    };
    return this.#api.send(call, sending);
  }

  #valueCall(key: string, cacheTtl: Seconds | undefined): Call<null> & { missing: null } {
    return {
      method: "GET",
      path: this.#api.keyPath("values", key),
      key,
      cacheTtl,
      missing: null,
      maxAnswerBytes: MAX_VALUE_ANSWER_BYTES,
    };
  }

  #metadataCall(key: string): ApiCall<Described | null> {
    return {
      method: "GET",
      path: this.#api.keyPath("metadata", key),
      key,
      missing: null,
      read: (response, asked) => ({ metadata: readEnvelope(response, asked).result ?? null }),
    };
  }
}

function foundIn<Value>(value: Value, answer: TransportHead): Found<Value> {
  return { value, metadata: null, ...expirationOf(answer.header("expiration")) };
}

/**
 * Returns the parts in which to retry the rest of a batch that the API refused as a whole: it contains a value that is
 * not text, too many bytes, or a key that the token may not access. Keys whose values are probably not text are the
 * first suspects and go alone; then halves find the culprit. Returns `undefined` if parts do not help.
 */
export function partsAfter<Each extends Wanted>(
  error: unknown,
  wanted: readonly Each[],
): { parts: (readonly Each[])[]; mayBeBytes: boolean } | undefined {
  if (saysCode(error, OUT_OF_SCOPE))
    return wanted.length > 1 ? { parts: halves(wanted), mayBeBytes: false } : undefined;
  if (!(error instanceof KVError) || !(isTooMuch(error) || saysCode(error, NOT_TEXT))) return undefined;
  const suspects = wanted.filter(({ binary }) => binary).map((one) => [one]);
  const others = wanted.filter(({ binary }) => !binary);
  if (suspects.length === 0) return { parts: halves(wanted), mayBeBytes: true };
  return { parts: others.length > 0 ? [...suspects, others] : suspects, mayBeBytes: true };
}

function halves<Each>(all: readonly Each[]): (readonly Each[])[] {
  if (all.length <= 1) return [all];
  const half = Math.ceil(all.length / 2);
  return [all.slice(0, half), all.slice(half)];
}

function expirationOf(header: string | undefined): { expiration?: UnixSeconds } {
  const expiration = Number(header);
  return header !== undefined && Number.isFinite(expiration) ? { expiration } : {};
}

function hasValues(result: { values?: unknown } | null): boolean {
  return result?.values instanceof Map;
}
