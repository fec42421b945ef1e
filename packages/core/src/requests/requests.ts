/**
 * The requests: one API call, with its attempts, from the gate to a checked answer. Errors get their codes here, and
 * the budget learns of each answer.
 * It may import `budget/`, `calls/` and `transport/`; it knows keys only to name them.
 *
 * @module
 */
import type { Account } from "./account.ts";
import { detailsOf } from "../seam/about-key.ts";
import { DAILY_LIMIT, isOnTheWay, saysCode } from "./answer.ts";
import type { ApiCall } from "./api-call.ts";
import { Attempts } from "./attempts.ts";
import { backoff } from "./backoff.ts";
import { now } from "../time/clock.ts";
import { deadlinePassed, Deadlines } from "../calls/deadlines.ts";
import { KVError, KVRateLimitError } from "../seam/errors.ts";
import type { Gate } from "../budget/gate.ts";
import type { Milliseconds } from "../seam/kv-namespace.ts";
import { requestLine } from "./request-line.ts";
import type { Settings } from "../contract/options.ts";
import { PendingCount } from "../time/pending-count.ts";
import type { Sending } from "../calls/sending.ts";
import type { ServerLimits } from "./server-limits.ts";
import type { KVStats } from "../contract/stats.ts";
import { startTimer } from "../time/timer.ts";
import type { Transport } from "../transport/transport.ts";

/** Sends calls through the gate, one attempt after another, until one succeeds, none can, or no caller waits. */
export class Requests {
  readonly gate: Gate;
  readonly settings: Settings;
  readonly limits: ServerLimits;
  readonly deadlines: Deadlines;
  readonly #account: () => Account;
  readonly #attempts: Attempts;
  #closed = false;
  #closing: Promise<void> | undefined;
  readonly #running: PendingCount = new PendingCount();

  constructor(settings: Settings, account: () => Account, transport: Transport, gate: Gate, limits: ServerLimits) {
    this.settings = settings;
    this.limits = limits;
    this.gate = gate;
    this.deadlines = new Deadlines(settings.deadline);
    this.#account = account;
    this.#attempts = new Attempts(account, transport, gate, limits, settings);
  }

  /** Throws if the account is not known, before anything waits for it. */
  checkAccount(): void {
    this.#account();
  }

  /** Throws the error of a call after `close()`. */
  checkOpen(): void {
    if (this.#closed) throw closedError();
  }

  /**
   * Sends a call for its callers.
   *
   * @throws {KVError} once the call has failed for good; anything if no caller waits any more.
   */
  async send<Result>(call: ApiCall<Result>, sending: Sending, stats: KVStats): Promise<Result> {
    this.#running.add();
    sending.asked = call;
    try {
      for (let attempt = 1, refusals = 0; ; attempt++) {
        if (attempt > 1 || !sending.admitted) await this.#admit(sending, stats);
        sending.stage = "answer";
        try {
          return await this.#attempts.attempt(call, attempt, sending, stats);
        } catch (error) {
          call.onFailure?.(error);
          if (sending.cancelled || sending.isWithdrawn?.() || !(error instanceof KVError)) throw error;
          if (error instanceof KVRateLimitError) refusals++;
          const wait = this.#waitAfter(error, attempt - refusals, call.repeat ?? "failed");
          if (wait === undefined) throw error;
          if (now() + wait >= sending.end) throw tooLate(error, sending.deadline);
          sending.lastError = error;
          if (!(error instanceof KVRateLimitError)) await pause(wait, sending);
          stats.retries++;
        }
      }
    } finally {
      this.#running.remove();
    }
  }

  /** Returns why a call has no result at a caller's deadline. */
  lateError({ stage, asked, lastError }: Sending, deadline: Milliseconds): KVError {
    const what = asked && requestLine(asked);
    if (stage === "admission") return this.gate.lateError(deadline, "full", what);
    if (stage === "retry" && lastError) return tooLate(lastError, deadline);
    const count = this.#attempts.openStreams;
    const hint =
      count < this.settings.connections
        ? ""
        : ` ${count} unfinished streams use all ${this.settings.connections} connections for streams: read or cancel them.`;
    return deadlinePassed(deadline, `before ${what} was answered.${hint}`, { cause: lastError });
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
    this.#attempts.endUnwanted(closedError());
    await this.#running.atMost(0);
    await this.#attempts.close(closedError());
  }

  async #admit(sending: Sending, stats: KVStats): Promise<void> {
    sending.throwIfCancelled();
    sending.stage = "admission";
    const asked = now();
    await this.gate.enter(sending);
    if (now() - asked >= 1) stats.waits++;
  }

  /** Returns how long to wait before the next attempt; `undefined` if another one is pointless. */
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

/** Resolves after a time, or at once when no caller waits any more. */
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

function tooLate(error: KVError, deadline: Milliseconds): KVError {
  if (error instanceof KVRateLimitError) return error;
  const message = `The deadline of ${deadline} ms left no time for another attempt. ${error.message}`;
  return new KVError("KV_TIMEOUT", message, { ...detailsOf(error), cause: error });
}

/** The error of a call after `close()`. */
export function closedError(): KVError {
  return new KVError("KV_CLOSED", "The driver was closed. Create another one, or close it later.");
}
