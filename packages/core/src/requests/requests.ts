/**
 * The requests: one API call, with its attempts, from the gate to a checked answer. Errors get their codes here, and
 * the budget learns of each answer.
 * It may import `budget/`, `calls/` and `transport/`; it knows keys only to name them.
 *
 * @module
 */
import type { Account } from "./account.ts";
import { detailsOf } from "../seam/about-key.ts";
import {
  DAILY_LIMIT,
  isKeyLimit,
  isOnTheWay,
  isPage,
  KEY_NOT_FOUND,
  readError,
  saysCode,
  unreachable,
  type Asked,
} from "./answer.ts";
import type { ApiCall, Call, Opening, Reading } from "./api-call.ts";
import { MAX_ANSWER_BYTES } from "./answer-sizes.ts";
import { backoff } from "./backoff.ts";
import { now } from "../time/clock.ts";
import { Deadlines } from "../calls/deadlines.ts";
import { KVError, KVRateLimitError } from "../seam/errors.ts";
import type { Gate } from "../budget/gate.ts";
import { CACHE_TTL_HEADER, LIMITS_HEADER } from "../seam/gateway-headers.ts";
import type { Milliseconds } from "../seam/kv-namespace.ts";
import { OpenStreams } from "./open-streams.ts";
import type { Settings } from "../contract/options.ts";
import { PendingCount } from "../time/pending-count.ts";
import type { Sending } from "../calls/sending.ts";
import type { ServerLimits } from "./server-limits.ts";
import type { KVStats } from "../contract/stats.ts";
import { MAX_TIMER, startTimer } from "../time/timer.ts";
import { traced, type KVRequestEvent } from "./tracing.ts";
import type { Sent, Transport, TransportHead, TransportRequest, TransportResponse } from "../transport/transport.ts";
import { utf8Length } from "../seam/validate.ts";

/** Sends calls through the gate: one attempt after the other, until one succeeds, none can, or nobody waits. */
export class Requests {
  readonly gate: Gate;
  readonly settings: Settings;
  readonly limits: ServerLimits;
  readonly deadlines: Deadlines;
  readonly #account: () => Account;
  readonly #transport: Transport;
  #closed = false;
  #closing: Promise<void> | undefined;
  readonly #running: PendingCount = new PendingCount();
  /** Attempts that nobody waits for, and that are let finish all the same. */
  readonly #unwanted: Set<Sent> = new Set();
  readonly #streams: OpenStreams = new OpenStreams();

  constructor(settings: Settings, account: () => Account, transport: Transport, gate: Gate, limits: ServerLimits) {
    this.settings = settings;
    this.limits = limits;
    this.gate = gate;
    this.deadlines = new Deadlines(settings.deadline);
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

  /**
   * Sends a call that somebody waits for.
   *
   * @throws {KVError} once it is settled that the call fails; anything where nobody waits any more.
   */
  async send<Result>(call: ApiCall<Result>, sending: Sending, stats: KVStats): Promise<Result> {
    this.#running.add();
    try {
      for (let attempt = 1, refusals = 0; ; attempt++) {
        if (attempt > 1 || !sending.admitted) await this.#admit(sending, stats);
        sending.stage = "answer";
        try {
          return await this.#attempt(call, attempt, sending, stats);
        } catch (error) {
          call.onFailure?.(error);
          if (sending.cancelled || !(error instanceof KVError)) throw error;
          if (error instanceof KVRateLimitError) refusals++;
          const wait = this.#waitAfter(error, attempt - refusals, call.repeat ?? "failed");
          if (wait === undefined) throw error;
          if (now() + wait >= sending.end) throw tooLate(error, sending);
          sending.lastError = error;
          if (!(error instanceof KVRateLimitError)) await pause(wait, sending);
          stats.retries++;
        }
      }
    } finally {
      this.#running.remove();
    }
  }

  /** Why a call has no result at the deadline of somebody who waits for it. */
  lateError(sending: Sending): KVError {
    const { stage, lastError } = sending;
    if (stage === "admission") return this.gate.lateError();
    if (stage === "retry" && lastError) return tooLate(lastError, sending);
    const { count } = this.#streams;
    const hint =
      count < this.settings.connections
        ? ""
        : ` ${count} unfinished streams use all ${this.settings.connections} connections for streams: read or cancel them.`;
    return new KVError("KV_TIMEOUT", `The deadline passed before the answer arrived.${hint}`, { cause: lastError });
  }

  /** Refuses further calls. */
  refuse(): void {
    this.#closed = true;
  }

  /** Waits for what somebody waits for, then ends all streams and connections. */
  close(): Promise<void> {
    this.refuse();
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    // No write follows them any more.
    for (const sent of this.#unwanted) sent.abort(closedError());
    await this.#running.atMost(0);
    await this.#streams.end(closedError());
    await this.#transport.close();
  }

  async #admit(sending: Sending, stats: KVStats): Promise<void> {
    sending.throwIfCancelled();
    sending.stage = "admission";
    const asked = now();
    await this.gate.enter(sending);
    if (now() - asked >= 1) stats.waits++;
  }

  async #attempt<Result>(call: ApiCall<Result>, attempt: number, sending: Sending, stats: KVStats): Promise<Result> {
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
      this.gate.leave();
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
      timeout: Math.min(Math.ceil(this.settings.timeout), MAX_TIMER),
      maxAnswerBytes: call.maxAnswerBytes ?? MAX_ANSWER_BYTES,
      onHead: (head) => this.#heed(head, event),
    };
    return "open" in call
      ? this.#open(call, request, asked, sending, stats)
      : this.#read(call, request, asked, sending, stats);
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
    sending: Sending,
    stats: KVStats,
  ): Promise<Result> {
    const sent = this.#transport.send(request);
    sending.onCancel = () => {
      if (this.#closing !== undefined || (call.mayEnd?.() ?? true)) sent.abort(sending.reason);
      else this.#unwanted.add(sent);
    };
    try {
      const response = await sent.answer;
      stats.bytesReceived += response.received;
      return isSuccess(response) ? call.read(response, asked) : this.#refused(call, response, asked, stats);
    } finally {
      this.#unwanted.delete(sent);
    }
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

  /** Takes note of what the head of an answer tells. */
  #heed(answer: TransportHead, event: KVRequestEvent): void {
    event.status = answer.status;
    this.limits.heed(answer.header(LIMITS_HEADER));
    this.gate.budget.correct(answer.header("ratelimit-policy"), answer.header("ratelimit"), now());
  }

  /** The result of a refusal that is one; any other is thrown. */
  #refused<Result>(call: Call<Result>, response: TransportResponse, asked: Asked, stats: KVStats): Result {
    const error = readError(response, asked);
    if (call.missing !== undefined && response.status === 404 && saysCode(error, KEY_NOT_FOUND)) return call.missing;
    if (error instanceof KVRateLimitError) {
      stats.rateLimited++;
      // The free plan's limit of a day is no matter of pace.
      if (saysCode(error, DAILY_LIMIT)) throw error;
      if (call.tooFast !== undefined && isKeyLimit(response)) return call.tooFast;
      this.gate.budget.pause(error.retryAfter * 1000, now());
    }
    throw error;
  }

  /** How long to wait before the next attempt; `undefined` where another one is no use. */
  #waitAfter(error: KVError, failures: number, repeat: "failed" | "refused" | "never"): Milliseconds | undefined {
    const { attempts, refused } = this.settings.retry;
    if (repeat === "never") return undefined;
    // The budget is paused: the gate opens again when the API does.
    if (error instanceof KVRateLimitError) return refused && !saysCode(error, DAILY_LIMIT) ? 0 : undefined;
    return isOnTheWay(error) && repeat === "failed" && failures < attempts
      ? backoff(this.settings.retry, failures)
      : undefined;
  }
}

/** Resolves after a time, or at once when nobody waits any more. */
function pause(time: Milliseconds, sending: Sending): Promise<void> {
  sending.stage = "retry";
  return new Promise((resolve) => {
    const timer = startTimer(resolve, time);
    sending.onCancel = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}

function isSuccess({ status }: TransportHead): boolean {
  return status >= 200 && status < 300;
}

function tooLate(error: KVError, { began, end }: Sending): KVError {
  if (error instanceof KVRateLimitError) return error;
  const message = `The deadline, ${Math.round(end - began)} ms from the start, left no time for another attempt. ${error.message}`;
  return new KVError("KV_TIMEOUT", message, { ...detailsOf(error), cause: error });
}

/** The error of a call after `close()`. */
export function closedError(): KVError {
  return new KVError("KV_CLOSED", "The driver was closed. Create another one, or close it later.");
}
