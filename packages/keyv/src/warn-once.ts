import { isKVError, type KVErrorCode } from "@kvplug/core/seam";

/** What no later call heals: it is the configuration that is wrong. */
const LASTING: ReadonlySet<KVErrorCode> = new Set(["KV_CONFIG", "KV_AUTH", "KV_NOT_FOUND"]);

/** Tells, once, of a failure that lasts, as a warning of the process; for callers who pass over it without a word. */
export class WarnOnce {
  readonly #lead: string;
  #isTold = false;

  /** @param lead What the warning begins with: who passes over it. */
  constructor(lead: string) {
    this.#lead = lead;
  }

  /** Waits for a call, and warns if it fails; the caller gets the failure too. */
  async watch<Result>(call: Promise<Result>): Promise<Result> {
    try {
      return await call;
    } catch (error) {
      if (!this.#isTold && isKVError(error) && LASTING.has(error.code)) {
        this.#isTold = true;
        process.emitWarning(`${this.#lead}: ${error.message}`, { type: "KVWarning", code: error.code });
      }
      throw error;
    }
  }
}
