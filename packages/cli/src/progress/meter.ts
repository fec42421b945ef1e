import type { KVBudget, Milliseconds } from "@kvplug/core";
import type { Done, LongWorkOptions } from "./options.ts";
import { bytesText, countText, keysText, timeText } from "./texts.ts";

/** How long it is shown that something waited for the budget. */
const SHOWN_MS: Milliseconds = 5000;

/** What a progress line can show. */
export type Figure = "keys" | "bytes" | "rate" | "budget" | "left";

const ALL: readonly Figure[] = ["keys", "bytes", "rate", "budget", "left"];

/** The figures of work under way. */
export class Meter {
  readonly verb: string;
  readonly #options: LongWorkOptions;
  readonly #now: () => Milliseconds;
  readonly #startedAt: Milliseconds;
  readonly #already: Done;
  /** When looking through the source was over, and the work itself began. */
  #workingSince: Milliseconds;
  #checked: number | undefined;
  /** When and where this run's progress began, if its share is known. */
  #first: { readonly at: Milliseconds; readonly share: number } | undefined;
  #done: Done;
  #waits = 0;
  #waitedAt: Milliseconds = Number.NEGATIVE_INFINITY;

  constructor(options: LongWorkOptions, now: () => Milliseconds = () => performance.now()) {
    this.verb = options.verb;
    this.#now = now;
    this.#startedAt = now();
    this.#workingSince = this.#startedAt;
    this.#options = options;
    const { keys, bytes } = options.already ?? { keys: 0, bytes: 0 };
    this.#already = { keys, bytes };
    this.#done = this.#already;
  }

  /** Which share of the source is looked through, before the work begins. */
  check(share: number): void {
    this.#checked = share;
    this.#workingSince = this.#now();
  }

  update(done: Done): void {
    this.#checked = undefined;
    if (done.share !== undefined) {
      // Where an earlier run stopped, nobody knows the share before the first page is done.
      this.#first ??=
        this.#already.keys === 0 ? { at: this.#workingSince, share: 0 } : { at: this.#now(), share: done.share };
    }
    this.#done = done;
  }

  get keys(): number {
    return this.#done.keys;
  }

  get share(): number | undefined {
    return this.#checked ?? this.#done.share;
  }

  get elapsed(): Milliseconds {
    return this.#now() - this.#startedAt;
  }

  get requests(): number {
    return this.#sum("requests");
  }

  /** Keys a second, of this run. */
  get rate(): number {
    return (this.keys - this.#already.keys) / (this.#working / 1000);
  }

  /** The remaining time at this rate; `undefined` if unknown. */
  get left(): Milliseconds | undefined {
    const { share } = this.#done;
    if (share === undefined || this.#first === undefined || share <= this.#first.share) return undefined;
    return ((this.#now() - this.#first.at) * (1 - share)) / (share - this.#first.share);
  }

  /** The budget that is nearest to its end. */
  get budget(): KVBudget | undefined {
    const budgets = this.#options.targets.map((target) => target.budget()).filter((budget) => budget !== undefined);
    return budgets.toSorted((a, b) => b.opensIn - a.opensIn || a.left - b.left)[0];
  }

  /** `34 %`; `undefined` if unknown. */
  get percent(): string | undefined {
    return this.share === undefined ? undefined : `${countText(Math.floor(this.share * 100))} %`;
  }

  /** All of it as one line, or some. */
  line(figures: readonly Figure[] = ALL): string {
    if (this.#checked !== undefined) return "checked, nothing written yet";
    const texts = this.#texts();
    return figures
      .map((figure) => texts[figure])
      .filter((text) => text !== undefined)
      .join(", ");
  }

  #texts(): Record<Figure, string | undefined> {
    const { keys, bytes } = this.#done;
    return {
      keys: keysText(keys),
      bytes: bytes === 0 ? undefined : bytesText(bytes),
      rate: `${countText(this.rate)} keys/s`,
      budget: this.budgetText(),
      left: this.left === undefined ? undefined : `${timeText(this.left)} left`,
    };
  }

  /** What is left of the budget, and whether the work waits for it; `undefined` if there is none. */
  budgetText(): string | undefined {
    const { budget } = this;
    const waits = this.#sum("waits");
    if (waits > this.#waits) this.#waitedAt = this.elapsed;
    this.#waits = waits;
    if (budget === undefined) return undefined;
    const text = `${countText(budget.left)} of ${countText(budget.requests)} requests left`;
    if (budget.opensIn > 0) return `${text}: waiting ${timeText(budget.opensIn)} for the budget`;
    return this.elapsed - this.#waitedAt < SHOWN_MS ? `${text}: slowed down to stay within the budget` : text;
  }

  /** What was done, when it is. */
  summary(): string {
    const { keys, bytes } = this.#done;
    const size = bytes === 0 ? "" : ` (${bytesText(bytes)})`;
    const before = this.#already.keys === 0 ? "" : `, ${countText(this.#already.keys)} of them before,`;
    const done = this.#options.done === undefined ? "" : ` ${this.#options.done}`;
    const requests = `${countText(this.requests)} ${this.requests === 1 ? "request" : "requests"}`;
    return `${pastOf(this.verb)} ${keysText(keys)}${size}${before}${done} in ${timeText(this.elapsed)}, ${requests}`;
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

  /** For how long the work itself goes on. */
  get #working(): Milliseconds {
    return this.#now() - this.#workingSince;
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
