/** The name of an option by which a read brings its {@link Withdrawal}. A namespace with `JOIN_FLOW` knows it. */
export const WITHDRAWAL: unique symbol = Symbol.for("kvplug.withdrawal");

/** Options of a read that may be withdrawn. */
export interface Withdrawable {
  readonly [WITHDRAWAL]?: Withdrawal | undefined;
}

/** Who learns of it. */
export interface WithdrawalListener {
  onWithdraw(): void;
}

/**
 * Withdraws a read that a cache makes for others, once all of them have left. What has not been sent by then is not sent.
 * What has been sent may be answered: it has cost its request, and fills the cache. It is not tried again.
 */
export class Withdrawal {
  /** Who makes the read. */
  listener: WithdrawalListener | undefined;
  #withdrawn = false;

  get withdrawn(): boolean {
    return this.#withdrawn;
  }

  withdraw(): void {
    this.#withdrawn = true;
    this.listener?.onWithdraw();
  }
}
