import type { Milliseconds } from "@kvplug/core/seam";
import type { MiddlewareHandler } from "hono";
import { every } from "hono/combine";
import type { Namespaces } from "../backend.ts";
import type { SqliteStore } from "../store/sqlite-store.ts";
import { failSome } from "./faults.ts";
import { delay } from "./latency.ts";
import type { CheckedFaultInjection } from "./options.ts";
import { seededRandom } from "./random.ts";
import { limitRequests } from "./rate-limit.ts";
import { withFaults } from "./with-faults.ts";

const pass: MiddlewareHandler = (_, next) => next();

/** The faults that a server injects, which may be replaced while it runs. */
export class Injection {
  readonly #store: SqliteStore;
  readonly #now: () => Milliseconds;
  #namespaces!: Namespaces;
  #beforeGuard!: MiddlewareHandler;
  #behindGuard!: MiddlewareHandler;

  constructor(store: SqliteStore, now: () => Milliseconds, first: CheckedFaultInjection) {
    this.#store = store;
    this.#now = now;
    this.replace(first);
  }

  /** Injects these from now on, and what they count or remember begins anew. */
  replace(injection: CheckedFaultInjection): void {
    const { latency, rateLimit, faults, seed } = injection;
    const steps: MiddlewareHandler[] = [];
    // A timer of 0 ms takes one, and more on a busy machine.
    if (latency[1] > 0) steps.push(delay(latency, seededRandom(seed, "latency")));
    if (rateLimit !== undefined) steps.push(limitRequests(rateLimit, this.#now));
    this.#beforeGuard = steps.length === 0 ? pass : every(...steps);
    const fails = faults.drops + faults.errors + faults.html > 0;
    this.#behindGuard = fails ? failSome(faults, seededRandom(seed, "faults")) : pass;
    this.#namespaces = withFaults(this.#store, injection, this.#now);
  }

  /** The namespaces, with the faults of single keys. */
  get namespaces(): Namespaces {
    return this.#namespaces;
  }

  /** What befalls every request: latency and the request budget. */
  readonly beforeGuard: MiddlewareHandler = (c, next) => this.#beforeGuard(c, next);

  /** What befalls those that may ask: errors, drops and pages of a proxy. */
  readonly behindGuard: MiddlewareHandler = (c, next) => this.#behindGuard(c, next);
}
