import { quoteKey } from "@kvplug/core/seam";
import { CommandError, EXIT } from "../../command-error.ts";
import type { Progress } from "../../progress/progress.ts";
import { countText, keysText } from "../../progress/texts.ts";

/** How many to report one by one. */
const MOST_TOLD = 10;

/** What could not be done, while all else was. */
export class LeftOut {
  /** Whether to leave out what cannot be done, rather than to stop. */
  readonly keepGoing: boolean;
  /** Records that had expired: nothing is lost. */
  expired = 0;
  /** What another store holds and KV cannot: lists, hashes, sets. */
  unfit = 0;
  /** What an earlier run left out, or the API refused. */
  readonly #before: number;
  #malformed = 0;
  readonly #failed: string[] = [];
  #why = "";

  constructor(keepGoing: boolean, before: number) {
    this.keepGoing = keepGoing;
    this.#before = before;
  }

  /** How many records this run has left out. */
  get leftOut(): number {
    return this.unfit + this.#malformed;
  }

  malformed(what: string, progress: Progress): void {
    if (++this.#malformed <= MOST_TOLD) progress.note(what);
  }

  /** For {@link WriteOptions.onFailedKeys}. */
  get onFailedKeys(): ((keys: readonly string[], why: string) => void) | undefined {
    if (!this.keepGoing) return undefined;
    return (keys, why) => {
      for (const key of keys) this.#failed.push(key);
      this.#why = why;
    };
  }

  /** Says what is worth knowing, and no failure. */
  tell(progress: Progress): void {
    if (this.expired > 0)
      progress.info(`${keysText(this.expired)} had expired, and ${this.expired === 1 ? "was" : "were"} skipped.`);
  }

  /** @throws {CommandError} where something was left out. */
  end(): void {
    const said = this.#said;
    if (said !== undefined) throw new CommandError(EXIT.partly, said);
  }

  /** Puts what was left out in front of what to do. */
  withSaid(hint: string | undefined): string | undefined {
    const said = this.#said;
    return said !== undefined && hint !== undefined ? `${said} ${hint}` : (said ?? hint);
  }

  /** What was left out so far. */
  get #said(): string | undefined {
    const parts: string[] = [];
    if (this.#before > 0) parts.push(`${keysText(this.#before)} skipped by an earlier run`);
    if (this.unfit > 0) parts.push(`${keysText(this.unfit)} skipped for holding lists, hashes or sets`);
    if (this.#malformed > 0) parts.push(`${countText(this.#malformed)} skipped as malformed`);
    if (this.#failed.length > 0) {
      const named = this.#failed.slice(0, MOST_TOLD).map(quoteKey).join(", ");
      const more = this.#failed.length > MOST_TOLD ? ", …" : "";
      parts.push(`${keysText(this.#failed.length)} not written: ${named}${more} (${this.#why})`);
    }
    return parts.length > 0 ? `${parts.join("; ")}.` : undefined;
  }
}
