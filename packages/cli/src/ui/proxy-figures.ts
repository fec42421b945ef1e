import type { KVBudget } from "@kvplug/core";
import type { Figures } from "@kvplug/explorer";
import { figuresOf, hitRatesOf } from "../top/figures.ts";
import { readPublished } from "../top/read-published.ts";

/** How long a reading is shown before there is another. */
const INTERVAL_MS = 1000;

/** After how many failures in a row there is nothing to read: a gateway publishes nothing. */
const MOST_FAILURES = 3;

/** What a proxy in front of the account publishes at `/stats`: the budget of all its callers, and its cache's hit rate. */
export class ProxyFigures {
  readonly #url: string;
  readonly #token: string | undefined;
  readonly #isProxy: () => boolean;
  #latest: Pick<Figures, "budget" | "hitRate"> = {};
  #askedAt = Number.NEGATIVE_INFINITY;
  #failures = 0;

  /** @param isProxy Whether the API may be a proxy's: nobody else is asked. */
  constructor(baseURL: string, token: string | undefined, isProxy: () => boolean) {
    this.#url = new URL("/stats", baseURL).href;
    this.#token = token;
    this.#isProxy = isProxy;
  }

  /** As last read, empty where there is no proxy; has them read again where that is old. */
  get latest(): Pick<Figures, "budget" | "hitRate"> {
    const now = performance.now();
    if (this.#isProxy() && this.#failures < MOST_FAILURES && now - this.#askedAt >= INTERVAL_MS) {
      this.#askedAt = now;
      void this.#read();
    }
    return this.#latest;
  }

  async #read(): Promise<void> {
    try {
      const published = (await readPublished(this.#url, this.#token)) as { budget?: KVBudget };
      this.#latest = { budget: published.budget, hitRate: hitRatesOf(figuresOf(published), undefined).get("cache") };
      this.#failures = 0;
    } catch {
      this.#latest = {};
      this.#failures++;
    }
  }
}
