import type { Milliseconds } from "../seam/kv-namespace.ts";
import { Silence } from "./silence.ts";
import { unlessAborted } from "./unless-aborted.ts";

/**
 * What ends a request over `fetch`: its caller, or that nothing moves for too long. `fetch` itself can only limit its
 * whole length.
 */
export class FetchAttempt {
  /** Aborted if it ends early. */
  readonly signal: AbortSignal;
  readonly #controller: AbortController = new AbortController();
  readonly #silence: Silence;

  constructor(timeout: Milliseconds, signal: AbortSignal | undefined) {
    this.signal = signal ? AbortSignal.any([signal, this.#controller.signal]) : this.#controller.signal;
    this.#silence = new Silence(timeout, (error) => this.end(error));
  }

  end(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** Something moved. @throws the reason if the request has ended. */
  moved(): void {
    this.signal.throwIfAborted();
    this.#silence.break();
  }

  /** Waits for a sign of life, at most for the allowed silence, if that can be seen. */
  async sign<Sign>(work: Promise<Sign>, isSeen = true): Promise<Sign> {
    if (isSeen) this.#silence.listen();
    try {
      // A `fetch` of the caller's may not heed the signal.
      return await unlessAborted(work, this.signal);
    } catch (error) {
      throw this.signal.aborted ? this.signal.reason : error;
    } finally {
      this.#silence.over();
    }
  }
}
