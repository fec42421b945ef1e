import type { Account } from "./account.ts";
import {
  DAILY_LIMIT,
  isKeyLimit,
  isPage,
  KEY_NOT_FOUND,
  readError,
  saysCode,
  unreachable,
  type Asked,
} from "./answer.ts";
import type { ApiCall, Call, Opening, Reading } from "./api-call.ts";
import { MAX_ANSWER_BYTES } from "./answer-sizes.ts";
import { CACHE_TTL_HEADER, LIMITS_HEADER } from "../seam/gateway-headers.ts";
import type { Gate } from "../budget/gate.ts";
import { KVError, KVRateLimitError } from "../seam/errors.ts";
import type { KVStats } from "../contract/stats.ts";
import { MAX_TIMER } from "../time/timer.ts";
import type { Milliseconds } from "../seam/kv-namespace.ts";
import { now } from "../time/clock.ts";
import { OpenStreams } from "./open-streams.ts";
import type { Sending } from "../calls/sending.ts";
import type { Sent, Transport, TransportHead, TransportRequest, TransportResponse } from "../transport/transport.ts";
import type { ServerLimits } from "./server-limits.ts";
import type { Settings } from "../contract/options.ts";
import { traced, type KVRequestEvent } from "./tracing.ts";
import { utf8Length } from "../seam/validate.ts";

/** Sends attempts: one request each, from the transport to a checked answer. Updates the budget with each answer. */
export class Attempts {
  readonly #account: () => Account;
  readonly #transport: Transport;
  readonly #gate: Gate;
  readonly #limits: ServerLimits;
  readonly #timeout: Milliseconds;
  /** Requests that no caller waits for, but that may finish. */
  readonly #unwanted: Set<Sent> = new Set();
  readonly #streams: OpenStreams = new OpenStreams();
  #closed = false;

  constructor(
    account: () => Account,
    transport: Transport,
    gate: Gate,
    limits: ServerLimits,
    { timeout }: Pick<Settings, "timeout">,
  ) {
    this.#account = account;
    this.#transport = transport;
    this.#gate = gate;
    this.#limits = limits;
    this.#timeout = timeout;
  }

  /** How many streams are open. */
  get openStreams(): number {
    return this.#streams.count;
  }

  /** Aborts requests that nobody waits for, now and from now on. */
  endUnwanted(reason: unknown): void {
    this.#closed = true;
    for (const sent of this.#unwanted) sent.abort(reason);
  }

  /** Ends all streams and connections. */
  async close(reason: unknown): Promise<void> {
    await this.#streams.end(reason);
    await this.#transport.close();
  }

  /**
   * Sends one attempt at a call.
   *
   * @throws {KVError} if it fails; the reason of `sending` once that is cancelled.
   */
  async attempt<Result>(call: ApiCall<Result>, attempt: number, sending: Sending, stats: KVStats): Promise<Result> {
    const asked: Asked = { method: call.method, path: call.path, key: call.key };
    try {
      // It may have come since the gate opened.
      sending.throwIfCancelled();
      const account = this.#account();
      asked.path = account.path + call.path;
      const event: KVRequestEvent = { method: call.method, path: asked.path, keys: call.keys ?? 1, attempt };
      return await traced(event, () => this.#exchange(call, account, asked, event, sending, stats));
    } catch (error) {
      throw error instanceof KVError || (sending.cancelled && error === sending.reason)
        ? error
        : unreachable(error, asked);
    } finally {
      sending.onCancel = undefined;
      this.#gate.leave();
    }
  }

  #exchange<Result>(
    call: ApiCall<Result>,
    account: Account,
    asked: Asked,
    event: KVRequestEvent,
    sending: Sending,
    stats: KVStats,
  ): Promise<Result> {
    call.onStart?.();
    const body = typeof call.body === "object" && "composed" in call.body ? call.body.composed() : call.body;
    stats.requests++;
    if (typeof body === "string") stats.bytesSent += utf8Length(body);
    else if (body instanceof Uint8Array) stats.bytesSent += body.byteLength;
    const request: TransportRequest = {
      method: call.method,
      origin: account.origin,
      path: call.query ? `${asked.path}?${call.query}` : asked.path,
      headers: this.#headersOf(call, account),
      body,
      onSent: call.onSent,
      timeout: Math.min(Math.ceil(this.#timeout), MAX_TIMER),
      maxAnswerBytes: call.maxAnswerBytes ?? MAX_ANSWER_BYTES,
      onHead: (head) => this.#heed(head, event),
    };
    return "open" in call
      ? this.#open(call, request, asked, sending, stats)
      : this.#read(call, request, asked, sending, stats);
  }

  #headersOf({ contentType, cacheTtl }: Call<unknown>, { headers }: Account): Readonly<Record<string, string>> {
    const asksEdge = cacheTtl !== undefined && this.#limits.isGateway;
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
    sending: Sending,
    stats: KVStats,
  ): Promise<Result> {
    const sent = this.#transport.send(request);
    sending.onCancel = this.#endOf(call, sent, sending);
    try {
      const response = await sent.answer;
      stats.bytesReceived += response.received;
      return isSuccess(response) ? call.read(response, asked) : this.#refused(call, response, asked, stats);
    } finally {
      this.#unwanted.delete(sent);
    }
  }

  /**
   * Returns what ends an attempt that no caller waits for. As a function of `#read` itself it would share a context with
   * all that is there, which V8's quick collector then leaves, request by request, to the slow one.
   */
  #endOf({ mayEnd }: Call<unknown>, sent: Sent, sending: Sending): () => void {
    return () => {
      if (this.#closed || (mayEnd?.() ?? true)) sent.abort(sending.reason);
      else this.#unwanted.add(sent);
    };
  }

  async #open<Result>(
    call: Call<Result> & Opening<Result>,
    request: TransportRequest,
    asked: Asked,
    sending: Sending,
    stats: KVStats,
  ): Promise<Result> {
    const controller = new AbortController();
    sending.onCancel = () => controller.abort(sending.reason);
    const signal = call.signal ? AbortSignal.any([call.signal, controller.signal]) : controller.signal;
    const answer = await this.#transport.open(request, signal);
    if (isSuccess(answer) && !isPage(answer)) {
      const toError = (cause: unknown): unknown => (signal.aborted ? signal.reason : unreachable(cause, asked));
      const open = this.#streams.add(controller);
      return call.open(answer, answer.stream(toError, open), asked);
    }
    const response = await answer.whole();
    stats.bytesReceived += response.received;
    return this.#refused(call, response, asked, stats);
  }

  /** Records what the head of an answer says about limits. */
  #heed(answer: TransportHead, event: KVRequestEvent): void {
    event.status = answer.status;
    this.#limits.heed(answer.header(LIMITS_HEADER));
    // The budget that a proxy tells is kept there.
    if (this.#limits.isGateway) return;
    this.#gate.budget.correct(answer.header("ratelimit-policy"), answer.header("ratelimit"), now());
  }

  /** Returns the result that a refusal stands for, such as a missing key; throws any other. */
  #refused<Result>(call: Call<Result>, response: TransportResponse, asked: Asked, stats: KVStats): Result {
    const error = readError(response, asked);
    if (call.missing !== undefined && response.status === 404 && saysCode(error, KEY_NOT_FOUND)) return call.missing;
    if (error instanceof KVRateLimitError) {
      stats.rateLimited++;
      // Waiting does not help against the free plan's daily limit.
      if (saysCode(error, DAILY_LIMIT)) throw error;
      // A 429 for one key delays its next write only; any other pauses the client.
      if (call.tooFast !== undefined && isKeyLimit(response)) return call.tooFast;
      this.#gate.budget.pause(error.retryAfter * 1000, now());
    }
    throw error;
  }
}

function isSuccess({ status }: TransportHead): boolean {
  return status >= 200 && status < 300;
}
