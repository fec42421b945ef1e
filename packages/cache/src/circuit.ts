import { isKVError, KVError, reasonOf, type KVErrorCode, type Milliseconds } from "@kvplug/core/seam";
import { now } from "./clock.ts";
import { events } from "./events.ts";
import type { CacheSettings } from "./options.ts";

/** What lets a call of the cache ask, with as many requests as it takes. */
export type Pass = symbol;

const FREE: Pass = Symbol("The circuit is closed.");

/** Stops asking a backend that keeps failing: after some failures in a row, for a while; then one call tries. */
export class Circuit {
  readonly #settings: CacheSettings["circuit"];
  #failures = 0;
  /** Until when nothing is asked, on the clock of {@link now}; `undefined` while the circuit is closed. */
  #openUntil: Milliseconds | undefined;
  #trial: Pass | undefined;
  #last: unknown;

  constructor(settings: CacheSettings["circuit"]) {
    this.#settings = settings;
  }

  /** Whether the backend must not be asked now. */
  get open(): boolean {
    return this.#openUntil !== undefined && now() < this.#openUntil;
  }

  /** Lets a call pass. @throws {KVError} the last failure, if the circuit is open. */
  enter(): Pass {
    if (this.#settings === undefined || this.#openUntil === undefined) return FREE;
    const left = this.#openUntil - now();
    if (left > 0) throw refusal(this.#last, this.#failures, left);
    // The first caller tries; the others wait for its outcome, or until that takes too long.
    this.#openUntil = now() + this.#settings.cooldown;
    this.#trial = Symbol("It is tried whether the backend is back.");
    return this.#trial;
  }

  succeeded(): void {
    this.#failures = 0;
    if (this.#openUntil !== undefined) this.#turn(undefined);
  }

  failed(pass: Pass, error: unknown): void {
    if (this.#settings === undefined) return;
    // It answered, whatever it thinks of the call.
    if (!isOutage(error)) return this.succeeded();
    // Who asked before the circuit opened tells nothing new.
    if (this.#openUntil !== undefined && pass !== this.#trial) return;
    this.#failures++;
    this.#last = error;
    if (this.#failures >= this.#settings.failures) this.#turn(now() + this.#settings.cooldown);
  }

  #turn(openUntil: Milliseconds | undefined): void {
    const changed = (this.#openUntil === undefined) !== (openUntil === undefined);
    this.#openUntil = openUntil;
    this.#trial = undefined;
    if (changed && events.hasSubscribers) events.publish({ type: "circuit", open: openUntil !== undefined });
  }
}

const OUTAGES: ReadonlySet<KVErrorCode> = new Set<KVErrorCode>([
  "KV_NETWORK",
  "KV_TIMEOUT",
  "KV_RATE_LIMIT",
  "KV_STORAGE",
]);

/** Whether an error means that the backend fails, rather than that the call is invalid. */
export function isOutage(error: unknown): boolean {
  if (!isKVError(error)) return true;
  if (error.code === "KV_API") return (error.httpStatus ?? 500) >= 500;
  return OUTAGES.has(error.code);
}

function refusal(last: unknown, failures: number, left: Milliseconds): KVError {
  return new KVError(
    isKVError(last) ? last.code : "KV_NETWORK",
    `The backend failed ${failures} times in a row; the next attempt is in ${Math.ceil(left)} ms. The last failure: ${reasonOf(last)}`,
    { cause: last },
  );
}
