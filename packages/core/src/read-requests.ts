import {
  isPage,
  isTooMuch,
  NOT_TEXT,
  notTheApi,
  OUT_OF_SCOPE,
  readEnvelope,
  readError,
  saysCode,
  unreachable,
} from "./answer.ts";
import { maxReadBytes, MAX_VALUE_ANSWER_BYTES } from "./answer-sizes.ts";
import type { RawValue } from "./decode.ts";
import { KVError } from "./errors.ts";
import type { KVStream, Milliseconds, Seconds, UnixSeconds } from "./kv-namespace.ts";
import type { NamespaceApi } from "./namespace-api.ts";
import type { ApiCall } from "./request.ts";
import type { TransportHead } from "./transport/transport.ts";

/** What a read finds. */
export interface Found<Value = RawValue> {
  value: Value;
  metadata: unknown;
  expiration?: UnixSeconds;
}

/** What a read finds that asks for no value. */
export type Described = Pick<Found, "metadata">;

/** A key to read, and how. */
export interface Wanted {
  readonly key: string;
  readonly metadata: boolean;
  /** Whether somebody wants its bytes: then it is likely not text. */
  readonly bytes: boolean;
  /** For how long a gateway's edge may keep it. */
  readonly cacheTtl?: Seconds | undefined;
}

/** What all requests of a batch share. */
export interface Terms {
  end: Milliseconds;
  /** Whether the gate has let in the first request already. */
  admitted?: boolean | undefined;
  signal?: AbortSignal | undefined;
  cacheTtl?: Seconds | undefined;
}

type BulkValues = Record<string, { value: string; metadata: unknown; expiration?: number } | string | null>;

/** The read requests of one namespace. */
export class ReadRequests {
  readonly #api: NamespaceApi;

  constructor(api: NamespaceApi) {
    this.#api = api;
  }

  /** A lone value, without its metadata. */
  value({ key, bytes }: Wanted, terms: Terms): Promise<Found | null> {
    return this.#api.send<Found | null>({
      ...this.#valueCall(key, terms),
      read: (response, asked) => {
        if (isPage(response)) throw readError(response, asked);
        return foundIn<RawValue>(bytes ? response.arrayBuffer() : response.text(), response);
      },
    });
  }

  /** A lone value as a stream, without its metadata. */
  stream(key: string, terms: Terms): Promise<Found<KVStream> | null> {
    return this.#api.send<Found<KVStream> | null>({
      ...this.#valueCall(key, terms),
      open: (answer, asked) => {
        const toError = (cause: unknown): unknown =>
          terms.signal?.aborted ? terms.signal.reason : unreachable(cause, asked);
        return foundIn(answer.stream(toError), answer);
      },
    });
  }

  /** The metadata of one key, `null` where it has none; `null` in place of all for a key that does not exist. */
  metadata(key: string, terms: Terms): Promise<Described | null> {
    return this.#api.send<Described | null>({
      ...terms,
      method: "GET",
      path: this.#api.keyPath("metadata", key),
      key,
      missing: null,
      read: (response, asked) => ({ metadata: readEnvelope(response, asked).result ?? null }),
    });
  }

  /**
   * Up to a hundred keys in one request, as long as all are text; a key that does not exist is not in the map. An
   * error in it is that of its key alone.
   */
  async batch(wanted: readonly Wanted[], terms: Terms): Promise<Map<string, Found | KVError>> {
    const found = new Map<string, Found | KVError>();
    await this.#batch(wanted, terms, found);
    return found;
  }

  async #batch(wanted: readonly Wanted[], terms: Terms, found: Map<string, Found | KVError>): Promise<void> {
    try {
      for (const [key, one] of await this.#bulk(wanted, terms)) found.set(key, one);
    } catch (error) {
      if (!(error instanceof KVError)) throw error;
      const forbidden = saysCode(error, OUT_OF_SCOPE);
      if (!isTooMuch(error) && !forbidden && !saysCode(error, NOT_TEXT)) throw error;
      if (forbidden && wanted.length === 1) {
        found.set(wanted[0]!.key, error);
        return;
      }
      const again: Terms = { ...terms, admitted: false };
      await Promise.all(
        split(wanted).map((part) =>
          part.length === 1 && !forbidden ? this.#alone(part[0]!, again, found) : this.#batch(part, again, found),
        ),
      );
    }
  }

  /** A value that is not text: its bytes, and its metadata apart. */
  async #alone(wanted: Wanted, terms: Terms, found: Map<string, Found | KVError>): Promise<void> {
    const [entry, metadata] = await Promise.all([
      this.value({ ...wanted, bytes: true }, terms),
      wanted.metadata ? this.metadata(wanted.key, terms) : null,
    ]);
    if (entry !== null) found.set(wanted.key, { ...entry, metadata: metadata?.metadata ?? null });
  }

  #bulk(wanted: readonly Wanted[], terms: Terms): Promise<[key: string, found: Found][]> {
    const keys = wanted.map(({ key }) => key);
    const withMetadata = wanted.some(({ metadata }) => metadata);
    this.#api.stats.batches++;
    return this.#api.send({
      ...terms,
      method: "POST",
      path: this.#api.path("/bulk/get"),
      contentType: "application/json",
      body: JSON.stringify(withMetadata ? { keys, withMetadata } : { keys }),
      key: keys.length === 1 ? keys[0] : undefined,
      keys: keys.length,
      maxAnswerBytes: maxReadBytes(keys.length),
      read: (response, asked) => {
        const { values } = readEnvelope<{ values: BulkValues }>(response, asked, hasValues).result;
        const found: [key: string, found: Found][] = [];
        for (const key of keys) {
          const entry = Object.hasOwn(values, key) ? values[key] : null;
          if (typeof entry === "string") found.push([key, { value: entry, metadata: null }]);
          else if (typeof entry?.value === "string") found.push([key, entry]);
          else if (entry !== null && entry !== undefined) throw notTheApi(response, asked);
        }
        return found;
      },
    });
  }

  #valueCall(
    key: string,
    terms: Terms,
  ): Terms & Pick<ApiCall<null>, "method" | "path" | "key" | "maxAnswerBytes"> & { missing: null } {
    const path = this.#api.keyPath("values", key);
    return { ...terms, method: "GET", path, key, missing: null, maxAnswerBytes: MAX_VALUE_ANSWER_BYTES };
  }
}

function foundIn<Value>(value: Value, answer: TransportHead): Found<Value> {
  return { value, metadata: null, ...expirationOf(answer.header("expiration")) };
}

/**
 * Parts of a batch that holds a value which is not text, or too much of it. Who asked for bytes is
 * the first suspect and goes alone; after that, halves find the culprit.
 */
function split(wanted: readonly Wanted[]): (readonly Wanted[])[] {
  const suspects = wanted.filter(({ bytes }) => bytes);
  const others = suspects.length === 0 ? [] : wanted.filter(({ bytes }) => !bytes);
  if (suspects.length > 0) return [...suspects.map((one) => [one]), ...(others.length > 0 ? [others] : [])];
  if (wanted.length === 1) return [wanted];
  const half = Math.ceil(wanted.length / 2);
  return [wanted.slice(0, half), wanted.slice(half)];
}

function expirationOf(header: string | undefined): { expiration?: UnixSeconds } {
  const expiration = Number(header);
  return header !== undefined && Number.isFinite(expiration) ? { expiration } : {};
}

function hasValues(result: { values?: unknown } | null): boolean {
  return typeof result?.values === "object" && result.values !== null;
}
