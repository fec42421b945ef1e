import type { Account } from "./account.ts";
import { DAILY_LIMIT, KEY_NOT_FOUND, readError, saysCode, unreachable, type Asked } from "./answer.ts";
import { backoff } from "./backoff.ts";
import { KVError, KVRateLimitError } from "./errors.ts";
import type { Milliseconds } from "./kv-namespace.ts";
import type { Settings } from "./options.ts";
import { sleep } from "./sleep.ts";
import type { Transport, TransportBody, TransportRequest, TransportResponse } from "./transport/transport.ts";

/** A call of the API: what to send, and how to read a success. */
export interface ApiCall<Result> {
  method: TransportRequest["method"];
  /** What follows the path of the account's namespaces, encoded. */
  path: string;
  query?: string | undefined;
  body?: TransportBody | undefined;
  contentType?: string | undefined;
  /** The key that an error is about. */
  key?: string | undefined;
  /**
   * When it may be sent again: after any failure that another attempt may heal (the default), only
   * when the API refused it with a 429, or never.
   */
  repeat?: "failed" | "refused" | "never" | undefined;
  /** The result where the API says that the key does not exist; without it, that is an error. */
  missing?: Result;
  signal?: AbortSignal | undefined;
  /** Reads the answer. What it throws counts as a failure on the way. */
  read(response: TransportResponse, asked: Asked): Result | Promise<Result>;
}

/** The longest time that a timer takes. */
const MAX_TIMEOUT: Milliseconds = 2 ** 31 - 1;

/** Sends calls: one attempt after the other, until one succeeds or none can. */
export class Requests {
  readonly #settings: Settings;
  readonly #account: () => Account;
  readonly #transport: Transport;
  #closing: Promise<void> | undefined;

  constructor(settings: Settings, account: () => Account, transport: Transport) {
    this.#settings = settings;
    this.#account = account;
    this.#transport = transport;
  }

  /**
   * Sends a call.
   *
   * @throws {KVError} once it is settled that the call fails; the signal's reason when it is aborted.
   */
  async send<Result>(call: ApiCall<Result>): Promise<Result> {
    if (this.#closing) throw new KVError("KV_CLOSED", "The client is closed. Create another one, or close it later.");
    const end = performance.now() + this.#settings.deadline;
    for (let attempt = 1, refusals = 0; ; attempt++) {
      call.signal?.throwIfAborted();
      try {
        return await this.#attempt(call, Math.min(this.#settings.timeout, end - performance.now()));
      } catch (error) {
        if (call.signal?.aborted) throw call.signal.reason;
        if (error instanceof KVRateLimitError) refusals++;
        const wait = this.#waitAfter(error, attempt - refusals, call.repeat ?? "failed");
        if (wait === undefined) throw error;
        if (performance.now() + wait >= end) throw this.#tooLate(error);
        await sleep(wait, call.signal);
      }
    }
  }

  /** Refuses further calls and ends idle connections. */
  close(): Promise<void> {
    return (this.#closing ??= this.#transport.close());
  }

  async #attempt<Result>(call: ApiCall<Result>, timeout: Milliseconds): Promise<Result> {
    const account = this.#account();
    const path = account.path + call.path;
    const asked: Asked = { method: call.method, path, key: call.key };
    try {
      const response = await this.#transport.send({
        method: call.method,
        origin: account.origin,
        path: call.query ? `${path}?${call.query}` : path,
        headers: call.contentType ? { ...account.headers, "content-type": call.contentType } : account.headers,
        body: call.body,
        timeout: Math.min(Math.max(1, Math.ceil(timeout)), MAX_TIMEOUT),
        signal: call.signal,
      });
      if (response.status >= 200 && response.status < 300) return await call.read(response, asked);
      const error = await readError(response, asked);
      if (call.missing !== undefined && response.status === 404 && saysCode(error, KEY_NOT_FOUND)) return call.missing;
      throw error;
    } catch (error) {
      throw error instanceof KVError ? error : unreachable(error, asked);
    }
  }

  /** How long to wait before the next attempt; `undefined` where another one is no use. */
  #waitAfter(error: unknown, failures: number, repeat: "failed" | "refused" | "never"): Milliseconds | undefined {
    const { attempts } = this.#settings.retry;
    if (attempts === 1 || repeat === "never" || !(error instanceof KVError)) return undefined;
    const wait = backoff(this.#settings.retry, Math.max(1, failures));
    if (error instanceof KVRateLimitError) {
      return saysCode(error, DAILY_LIMIT) ? undefined : error.retryAfter * 1000 + wait;
    }
    const onTheWay = error.code === "KV_NETWORK" || error.code === "KV_TIMEOUT" || (error.status ?? 0) >= 500;
    return onTheWay && repeat === "failed" && failures < attempts ? wait : undefined;
  }

  #tooLate(error: unknown): unknown {
    if (!(error instanceof KVError) || error instanceof KVRateLimitError) return error;
    return new KVError("KV_TIMEOUT", `The deadline of ${this.#settings.deadline} ms left no time for another attempt. ${error.message}`, {
      ...error,
      cause: error,
    });
  }
}
