import type { Account } from "./account.ts";
import {
  DAILY_LIMIT,
  detailsOf,
  isKeyLimit,
  isPage,
  KEY_NOT_FOUND,
  readError,
  saysCode,
  unreachable,
  type Asked,
} from "./answer.ts";
import { MAX_ANSWER_BYTES } from "./answer-sizes.ts";
import { backoff } from "./backoff.ts";
import { checkDeadline } from "./options.ts";
import { Deadlines } from "./deadlines.ts";
import { KVError, KVRateLimitError } from "./errors.ts";
import type { Gate } from "./gate.ts";
import { CACHE_TTL_HEADER, LIMITS_HEADER } from "./gateway-headers.ts";
import type { KVCallOptions, Milliseconds, Seconds } from "./kv-namespace.ts";
import type { Settings } from "./options.ts";
import { Outstanding } from "./outstanding.ts";
import type { ServerLimits } from "./server-limits.ts";
import { sleep } from "./sleep.ts";
import type { KVStats } from "./stats.ts";
import { MAX_TIMER } from "./timer.ts";
import { traced, type KVRequestEvent } from "./tracing.ts";
import type {
  Transport,
  TransportBody,
  TransportHead,
  TransportRequest,
  TransportResponse,
  TransportStream,
} from "./transport/transport.ts";
import { utf8Length } from "./validate.ts";

/** What to send. */
interface Call<Result> {
  method: TransportRequest["method"];
  /** What follows the path of the account's namespaces, encoded. */
  path: string;
  query?: string | undefined;
  body?: TransportBody | undefined;
  contentType?: string | undefined;
  /** How long the answer may be. Default: {@link MAX_ANSWER_BYTES}. */
  maxAnswerBytes?: number | undefined;
  /** For how long a gateway's edge may keep what is read; nobody else is told. */
  cacheTtl?: Seconds | undefined;
  /** The key that an error is about. */
  key?: string | undefined;
  /** How many keys it is about. Default: 1. */
  keys?: number | undefined;
  /** When it must be settled, on the clock of `performance.now()`. */
  end: Milliseconds;
  signal?: AbortSignal | undefined;
  /**
   * Whether the signal only ends waits, and an attempt under way is left to finish: a write that was
   * given up on the wire could still take effect after the next one of its key.
   */
  letFinish?: boolean | undefined;
  /** Whether the gate has let in the first attempt already. */
  admitted?: boolean | undefined;
  /**
   * When it may be sent again: after any failure that another attempt may heal (the default), only
   * when the API refused it with a 429, or never.
   */
  repeat?: "failed" | "refused" | "never" | undefined;
  /** The result where the API says that the key does not exist; without it, that is an error. */
  missing?: Result;
  /** The result where the API says that this key is written too fast; without it, all requests wait. */
  tooFast?: Result;
}

/** How to read a success. What it throws counts as a failure on the way. */
interface Reading<Result> {
  read(response: TransportResponse, asked: Asked): Result;
}

/** How to hand out a success before its body has come. */
interface Opening<Result> {
  open(answer: TransportStream, asked: Asked): Result;
}

/** A call of the API. */
export type ApiCall<Result> = Call<Result> & (Reading<Result> | Opening<Result>);

/** Sends calls through the gate: one attempt after the other, until one succeeds or none can. */
export class Requests {
  readonly gate: Gate;
  readonly settings: Settings;
  readonly limits: ServerLimits;
  readonly #account: () => Account;
  readonly #transport: Transport;
  #closed = false;
  #closing: Promise<void> | undefined;
  readonly #running: Outstanding = new Outstanding();
  readonly #deadlines: Deadlines = new Deadlines();

  constructor(settings: Settings, account: () => Account, transport: Transport, gate: Gate, limits: ServerLimits) {
    this.settings = settings;
    this.limits = limits;
    this.gate = gate;
    this.#account = account;
    this.#transport = transport;
  }

  /** Throws where the account is not known, before anything waits for it. */
  checkAccount(): void {
    this.#account();
  }

  /** Throws the error of a call after `close()`. */
  checkOpen(): void {
    if (this.#closed) throw closedError();
  }

  /** When a call that is made now must be settled. */
  endOf(options: KVCallOptions): Milliseconds {
    return performance.now() + (options.deadline ?? this.settings.deadline);
  }

  /** What a call that shares its request with nobody hands on of its options. */
  termsOf(options: KVCallOptions): { end: Milliseconds; signal: AbortSignal | undefined } {
    checkDeadline(options.deadline);
    return { end: this.endOf(options), signal: options.signal };
  }

  /**
   * Sends a call.
   *
   * @throws {KVError} once it is settled that the call fails; the signal's reason when it is aborted.
   */
  async send<Result>(call: ApiCall<Result>, stats: KVStats): Promise<Result> {
    const { signal } = call;
    const began = performance.now();
    this.#running.add();
    try {
      for (let attempt = 1, refusals = 0; ; attempt++) {
        if (attempt > 1 || !call.admitted) {
          signal?.throwIfAborted();
          const asked = performance.now();
          await this.gate.enter(call.end, signal);
          if (performance.now() - asked >= 1) stats.waits++;
        }
        try {
          return await this.#attempt(call, attempt, stats);
        } catch (error) {
          if (signal?.aborted) throw signal.reason;
          if (error instanceof KVRateLimitError) refusals++;
          const wait = this.#waitAfter(error, attempt - refusals, call.repeat ?? "failed");
          if (wait === undefined || !(error instanceof KVError)) throw error;
          if (performance.now() + wait >= call.end) throw tooLate(error, call.end - began);
          if (!(error instanceof KVRateLimitError)) await sleep(wait, signal);
          stats.retries++;
        }
      }
    } finally {
      this.#running.remove();
    }
  }

  /** Refuses further calls. */
  refuse(): void {
    this.#closed = true;
  }

  /** Waits for what is under way, then ends all connections. */
  close(): Promise<void> {
    this.refuse();
    return (this.#closing ??= this.#running.atMost(0).then(() => this.#transport.close()));
  }

  async #attempt<Result>(call: ApiCall<Result>, attempt: number, stats: KVStats): Promise<Result> {
    const asked: Asked = { method: call.method, path: call.path, key: call.key };
    try {
      // It may have come since the gate opened.
      if (!call.letFinish) call.signal?.throwIfAborted();
      const account = this.#account();
      asked.path = account.path + call.path;
      const event: KVRequestEvent = { method: call.method, path: asked.path, keys: call.keys ?? 1, attempt };
      return await traced(event, () => this.#exchange(call, account, asked, event, stats));
    } catch (error) {
      throw error instanceof KVError ? error : unreachable(error, asked);
    } finally {
      this.gate.leave();
    }
  }

  #exchange<Result>(
    call: ApiCall<Result>,
    account: Account,
    asked: Asked,
    event: KVRequestEvent,
    stats: KVStats,
  ): Promise<Result> {
    stats.requests++;
    if (typeof call.body === "string") stats.bytesSent += utf8Length(call.body);
    else if (call.body instanceof Uint8Array) stats.bytesSent += call.body.byteLength;
    const silence = Math.ceil(Math.min(this.settings.timeout, call.end - performance.now()));
    const request: TransportRequest = {
      method: call.method,
      origin: account.origin,
      path: call.query ? `${asked.path}?${call.query}` : asked.path,
      headers: this.#headersOf(call, account),
      body: call.body,
      timeout: Math.min(Math.max(1, silence), MAX_TIMER),
      maxAnswerBytes: call.maxAnswerBytes ?? MAX_ANSWER_BYTES,
      onHead: (head) => this.#heed(head, event),
    };
    return "open" in call ? this.#open(call, request, asked, stats) : this.#read(call, request, asked, stats);
  }

  #headersOf({ contentType, cacheTtl }: Call<unknown>, { headers }: Account): Readonly<Record<string, string>> {
    const asksEdge = cacheTtl !== undefined && this.limits.isGateway;
    if (contentType === undefined && !asksEdge) return headers;
    return {
      ...headers,
      ...(contentType !== undefined && { "content-type": contentType }),
      ...(asksEdge && { [CACHE_TTL_HEADER]: String(cacheTtl) }),
    };
  }

  async #read<Result>(
    call: Call<Result> & Reading<Result>,
    request: TransportRequest,
    asked: Asked,
    stats: KVStats,
  ): Promise<Result> {
    const signal = call.letFinish ? undefined : call.signal;
    const sent = this.#transport.send(request);
    const stop = signal && ((): void => sent.abort(signal.reason));
    if (stop) signal.addEventListener("abort", stop);
    this.#deadlines.begin(sent, call.end);
    try {
      const response = await sent.answer;
      stats.bytesReceived += response.received;
      return isSuccess(response) ? call.read(response, asked) : this.#refused(call, response, asked, stats);
    } finally {
      this.#deadlines.over(sent);
      if (stop) signal.removeEventListener("abort", stop);
    }
  }

  async #open<Result>(
    call: Call<Result> & Opening<Result>,
    request: TransportRequest,
    asked: Asked,
    stats: KVStats,
  ): Promise<Result> {
    const late = new AbortController();
    this.#deadlines.begin(late, call.end);
    try {
      const signal = call.signal ? AbortSignal.any([call.signal, late.signal]) : late.signal;
      const answer = await this.#transport.open(request, signal);
      if (isSuccess(answer) && !isPage(answer)) return call.open(answer, asked);
      const response = await answer.whole();
      stats.bytesReceived += response.received;
      return this.#refused(call, response, asked, stats);
    } finally {
      this.#deadlines.over(late);
    }
  }

  /** Takes note of what the head of an answer tells. */
  #heed(answer: TransportHead, event: KVRequestEvent): void {
    event.status = answer.status;
    this.limits.heed(answer.header(LIMITS_HEADER));
    this.gate.budget.correct(answer.header("ratelimit-policy"), answer.header("ratelimit"), performance.now());
  }

  /** The result of a refusal that is one; any other is thrown. */
  #refused<Result>(call: Call<Result>, response: TransportResponse, asked: Asked, stats: KVStats): Result {
    const error = readError(response, asked);
    if (call.missing !== undefined && response.status === 404 && saysCode(error, KEY_NOT_FOUND)) return call.missing;
    if (error instanceof KVRateLimitError) {
      stats.rateLimited++;
      if (call.tooFast !== undefined && isKeyLimit(response)) return call.tooFast;
      if (!saysCode(error, DAILY_LIMIT)) this.gate.budget.pause(error.retryAfter * 1000, performance.now());
    }
    throw error;
  }

  /** How long to wait before the next attempt; `undefined` where another one is no use. */
  #waitAfter(error: unknown, failures: number, repeat: "failed" | "refused" | "never"): Milliseconds | undefined {
    const { attempts, refused } = this.settings.retry;
    if (repeat === "never" || !(error instanceof KVError)) return undefined;
    // The budget is paused: the gate opens again when the API does.
    if (error instanceof KVRateLimitError) return refused && !saysCode(error, DAILY_LIMIT) ? 0 : undefined;
    const onTheWay = error.code === "KV_NETWORK" || error.code === "KV_TIMEOUT" || (error.status ?? 0) >= 500;
    return onTheWay && repeat === "failed" && failures < attempts ? backoff(this.settings.retry, failures) : undefined;
  }
}

function isSuccess({ status }: TransportHead): boolean {
  return status >= 200 && status < 300;
}

function tooLate(error: KVError, time: Milliseconds): KVError {
  if (error instanceof KVRateLimitError) return error;
  const message = `The deadline, ${Math.round(time)} ms from the start, left no time for another attempt. ${error.message}`;
  return new KVError("KV_TIMEOUT", message, { ...detailsOf(error), cause: error });
}

/** The error of a call after `close()`. */
export function closedError(): KVError {
  return new KVError("KV_CLOSED", "This was closed. Create another one, or close it later.");
}
