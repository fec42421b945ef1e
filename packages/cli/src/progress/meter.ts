import type { KVBudget, Milliseconds } from "@kvplug/core";
import type { LongWorkOptions } from "./long-work.ts";
import { bytesText, countText, keysText, timeText } from "./texts.ts";

/** How long it is shown that something waited for the budget. */
const SHOWN_MS: Milliseconds = 5000;

/** How far work has come. */
export interface Done {
  readonly keys: number;
  /** The bytes of their values. */
  readonly bytes: number;
  /** Which share of it that is, 0 to 1; `undefined` where nobody knows how much there is. */
  readonly share?: number | undefined;
}

/** The figures of work under way. */
export class Meter {
  readonly verb: string;
  readonly #options: LongWorkOptions;
  readonly #startedAt: Milliseconds = performance.now();
  readonly #already: number;
  #firstShare: number | undefined;
  #done: Done;
  #waits = 0;
  #waitedAt: Milliseconds = Number.NEGATIVE_INFINITY;

  constructor(options: LongWorkOptions) {
    this.verb = options.verb;
    this.#options = options;
    this.#already = options.already ?? 0;
    this.#done = { keys: this.#already, bytes: 0 };
  }

  update(done: Done): void {
    this.#firstShare ??= done.share;
    this.#done = done;
  }

  get keys(): number {
    return this.#done.keys;
  }

  get share(): number | undefined {
    return this.#done.share;
  }

  get elapsed(): Milliseconds {
    return performance.now() - this.#startedAt;
  }

  get requests(): number {
    return this.#sum("requests");
  }

  /** Keys a second, of this run. */
  get rate(): number {
    return (this.keys - this.#already) / (this.elapsed / 1000);
  }

  /** The time that is left at this pace; `undefined` where nobody knows. */
  get left(): Milliseconds | undefined {
    const { share } = this.#done;
    if (share === undefined || this.#firstShare === undefined || share <= this.#firstShare) return undefined;
    return (this.elapsed * (1 - share)) / (share - this.#firstShare);
  }

  /** The budget that is nearest to its end. */
  get budget(): KVBudget | undefined {
    const budgets = this.#options.targets.map((target) => target.budget()).filter((budget) => budget !== undefined);
    return budgets.toSorted((a, b) => b.opensIn - a.opensIn || a.left - b.left)[0];
  }

  /** All of it as one line. */
  line(): string {
    const { keys, bytes } = this.#done;
    const parts = [keysText(keys), bytesText(bytes), `${countText(this.rate)} keys/s`, this.budgetText()];
    if (this.left !== undefined) parts.push(`${timeText(this.left)} left`);
    return parts.join(", ");
  }

  /** What is left of the budget, and whether the work waits for it. */
  budgetText(): string {
    const { budget } = this;
    const waits = this.#sum("waits");
    if (waits > this.#waits) this.#waitedAt = this.elapsed;
    this.#waits = waits;
    if (budget === undefined) return "no request budget";
    const text = `${countText(budget.left)} of ${countText(budget.requests)} requests left`;
    if (budget.opensIn > 0) return `${text}: waiting ${timeText(budget.opensIn)} for the budget`;
    return this.elapsed - this.#waitedAt < SHOWN_MS ? `${text}: slowed down to keep the budget` : text;
  }

  /** What was done, when it is. */
  summary(): string {
    const { keys, bytes } = this.#done;
    const done = this.#options.done === undefined ? "" : ` ${this.#options.done}`;
    const requests = `${countText(this.requests)} ${this.requests === 1 ? "request" : "requests"}`;
    return `${pastOf(this.verb)} ${keysText(keys)} (${bytesText(bytes)})${done} in ${timeText(this.elapsed)}, ${requests}`;
  }

  /** The figures for programs. */
  figures(): Record<string, unknown> {
    const { keys, bytes, share } = this.#done;
    return {
      keys,
      bytes,
      share,
      seconds: Math.round(this.elapsed) / 1000,
      keysPerSecond: Math.round(this.rate),
      requests: this.requests,
      budget: this.budget,
      secondsLeft: this.left === undefined ? undefined : Math.round(this.left / 1000),
    };
  }

  #sum(figure: "requests" | "waits"): number {
    let sum = 0;
    for (const kv of new Set(this.#options.targets.map((target) => target.kv))) sum += kv.stats()[figure];
    return sum;
  }
}

const PAST: Readonly<Record<string, string>> = { copy: "copied", diff: "compared", purge: "deleted" };

function pastOf(verb: string): string {
  return PAST[verb] ?? `${verb.replace(/e$/, "")}ed`;
}
