import { readEnvelope } from "./answer.ts";
import { backoff } from "./backoff.ts";
import { BulkBody, toBulkPair, type BulkPair } from "./bulk.ts";
import { KVBulkError, KVError } from "./errors.ts";
import type { KVPair } from "./kv.ts";
import type { KVCallOptions, KVPutOptions, KVValue } from "./kv-namespace.ts";
import type { KVRetryOptions } from "./options.ts";
import type { Requests } from "./request.ts";
import { sleep } from "./sleep.ts";
import { checkKey, checkPutOptions, quoteKey, type CheckedPutOptions } from "./validate.ts";
import { checkValue, chunksOf, multipart, StreamBody } from "./value.ts";

/** A key of a bulk delete. */
type BulkKey = BulkPair;

/** The writes of one namespace. */
export class Writes {
  readonly #requests: Requests;
  readonly #path: () => string;
  readonly #retry: Readonly<Required<KVRetryOptions>>;

  constructor(requests: Requests, path: () => string, retry: Readonly<Required<KVRetryOptions>>) {
    this.#requests = requests;
    this.#path = path;
    this.#retry = retry;
  }

  async put(key: string, value: KVValue, options: KVPutOptions): Promise<void> {
    const checked = checkPutOptions(key, options, Date.now());
    const known = checkValue(key, value);
    if ("data" in known) {
      const { data } = known;
      return this.#putAlone(key, checked, checked.metadata === undefined ? data : () => chunksOf(data), "failed", options.signal);
    }
    const body = new StreamBody(key, known.stream);
    try {
      await this.#putAlone(key, checked, () => body.chunks(), "never", options.signal);
    } catch (error) {
      const reason = body.failure ? body.failure.error : error;
      body.cancel(reason);
      throw reason;
    }
  }

  async delete(key: string, { signal }: KVCallOptions): Promise<void> {
    await this.#requests.send({
      method: "DELETE",
      path: `${this.#path()}/values/${encodeURIComponent(key)}`,
      key,
      signal,
      read: readEnvelope,
    });
  }

  async putMany(pairs: Iterable<KVPair> | AsyncIterable<KVPair>, { signal }: KVCallOptions): Promise<void> {
    const toPair = ({ key, value, ...options }: KVPair): BulkPair => {
      checkKey(key);
      const checked = checkPutOptions(key, options, Date.now());
      const known = checkValue(key, value);
      if ("stream" in known) {
        throw new KVError("KV_INVALID", `putMany takes no streams, and the value of ${quoteKey(key)} is one: put it alone.`, { key });
      }
      return toBulkPair(key, known, checked);
    };
    await this.#bulk("PUT", "/bulk", pairs, toPair, signal);
  }

  async deleteMany(keys: Iterable<string> | AsyncIterable<string>, { signal }: KVCallOptions): Promise<void> {
    const toKey = (key: string): BulkKey => {
      checkKey(key);
      const json = JSON.stringify(key);
      return { key, json, bytes: json.length * 3 };
    };
    await this.#bulk("POST", "/bulk/delete", keys, toKey, signal);
  }

  async #putAlone(
    key: string,
    { expiration, expirationTtl, metadata }: CheckedPutOptions,
    body: string | Uint8Array | (() => AsyncIterable<Uint8Array>),
    repeat: "failed" | "never",
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const query = new URLSearchParams();
    if (expiration !== undefined) query.set("expiration", String(expiration));
    if (expirationTtl !== undefined) query.set("expiration_ttl", String(expirationTtl));
    const plain = { contentType: "application/octet-stream", body };
    await this.#requests.send({
      method: "PUT",
      path: `${this.#path()}/values/${encodeURIComponent(key)}`,
      query: query.toString(),
      ...(metadata === undefined ? plain : multipart(body as () => AsyncIterable<Uint8Array>, metadata)),
      key,
      repeat,
      signal,
      read: readEnvelope,
    });
  }

  async #bulk<Item>(
    method: "PUT" | "POST",
    path: string,
    items: Iterable<Item> | AsyncIterable<Item>,
    toPair: (item: Item) => BulkPair,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    // A text is iterable as well: each of its characters would be a key.
    if (typeof items === "string") {
      throw new KVError("KV_INVALID", "putMany and deleteMany take an array or another iterable, not a string.");
    }
    const checked = Array.isArray(items) ? (items as Item[]).map(toPair) : mapAsync(items, toPair);
    const failed: string[] = [];
    const send = async (body: BulkBody<BulkPair>): Promise<void> => {
      if (body.items.size > 0) failed.push(...(await this.#sendBulk(method, path, body.items, signal)));
    };
    let body = new BulkBody<BulkPair>();
    for await (const pair of checked) {
      if (body.add(pair)) continue;
      await send(body);
      body = new BulkBody();
      body.add(pair);
    }
    await send(body);
    if (failed.length > 0) {
      throw new KVBulkError(
        `${failed.length} keys failed after ${this.#retry.attempts} attempts, first ${quoteKey(failed[0]!)}. The others are done; try these again.`,
        failed,
      );
    }
  }

  /** Sends a body, then what the API could not do of it, until nothing is left or no attempt; returns the keys that are left. */
  async #sendBulk(method: "PUT" | "POST", path: string, items: Map<string, BulkPair>, signal: AbortSignal | undefined): Promise<string[]> {
    let left = [...items.values()];
    for (let attempt = 1; ; attempt++) {
      const body = `[${left.map(({ json }) => json).join(",")}]`;
      const result = await this.#requests.send({
        method,
        path: this.#path() + path,
        contentType: "application/json",
        body,
        signal,
        read: async (response, asked) => (await readEnvelope<{ unsuccessful_keys?: string[] }>(response, asked)).result,
      });
      const failed = new Set(result?.unsuccessful_keys);
      left = left.filter(({ key }) => failed.has(key));
      if (left.length === 0) return [];
      if (attempt === this.#retry.attempts) return left.map(({ key }) => key);
      await sleep(backoff(this.#retry, attempt), signal);
    }
  }
}

async function* mapAsync<Item, Result>(items: Iterable<Item> | AsyncIterable<Item>, map: (item: Item) => Result): AsyncGenerator<Result> {
  for await (const item of items) yield map(item);
}
