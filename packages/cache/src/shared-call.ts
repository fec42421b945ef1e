import { Withdrawal } from "@kvplug/core/seam";

/** A call of the backend, for one key or many. It is withdrawn once nobody waits for any of them. */
export class SharedCall extends Withdrawal {
  #flights = 0;

  /** Somebody waits for one more of its keys. */
  join(): void {
    this.#flights++;
  }

  /** Nobody waits for one of them any more. */
  leave(): void {
    if (--this.#flights === 0) this.withdraw();
  }
}
