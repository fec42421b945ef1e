import { isKVError, KVError, reasonOf } from "@kvplug/core/seam";
import { events } from "./events.ts";
import type { CacheSettings } from "./options.ts";

/** Stops asking a backend that keeps failing: after some failures in a row, for a while; then one read tries. */
export class Circuit {
  readonly #settings: CacheSettings["circuit"];
  #failures = 0;
  /** Until when nothing is asked, on the clock of `Date.now()`; 0 while the circuit is closed. */
  #openUntil = 0;
  #last: unknown;

  constructor(settings: CacheSettings["circuit"]) {
    this.#settings = settings;
  }

  /** Whether the backend must not be asked now. */
  get open(): boolean {
    return this.#openUntil > 0 && Date.now() < this.#openUntil;
  }

  /** Lets a read pass. @throws {KVError} the last failure's, where the circuit is open. */
  enter(): void {
    if (this.#settings === undefined || this.#openUntil === 0) return;
    const left = this.#openUntil - Date.now();
    if (left > 0) throw refusal(this.#last, this.#failures, left);
    // Whoever comes first tries, and the others wait for what becomes of it.
    this.#openUntil = Date.now() + this.#settings.cooldown;
  }

  succeeded(): void {
    this.#failures = 0;
    if (this.#openUntil > 0) this.#turn(0);
  }

  failed(error: unknown): void {
    if (this.#settings === undefined) return;
    // It answered, whatever it thinks of the call.
    if (!isOutage(error)) return this.succeeded();
    this.#failures++;
    this.#last = error;
    if (this.#failures >= this.#settings.failures) this.#turn(Date.now() + this.#settings.cooldown);
  }

  #turn(openUntil: number): void {
    const changed = this.#openUntil > 0 !== openUntil > 0;
    this.#openUntil = openUntil;
    if (changed && events.hasSubscribers) events.publish({ type: "circuit", open: openUntil > 0 });
  }
}

/** Whether an error tells of a backend that is out of order, and not of a call that is wrong. */
export function isOutage(error: unknown): boolean {
  if (!isKVError(error)) return true;
  if (error.code === "KV_API") return (error.status ?? 500) >= 500;
  return error.code === "KV_NETWORK" || error.code === "KV_TIMEOUT" || error.code === "KV_RATE_LIMIT";
}

function refusal(last: unknown, failures: number, left: number): KVError {
  return new KVError(
    isKVError(last) ? last.code : "KV_NETWORK",
    `The backend failed ${failures} times in a row and is asked again in ${left} ms. The last failure: ${reasonOf(last)}`,
    { cause: last },
  );
}
