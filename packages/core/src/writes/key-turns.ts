import { Cooldowns, LATE_EFFECT } from "./cooldowns.ts";
import { deadlinePassed } from "../calls/deadlines.ts";
import { KVRateLimitError, type KVError } from "../seam/errors.ts";
import type { Milliseconds } from "../seam/kv-namespace.ts";
import { now } from "../time/clock.ts";
import { Pace } from "./pace.ts";
import type { Slot, Write } from "./write.ts";

/**
 * Knows when the next write of a key may be sent: not before the key's pace allows it, and not while an earlier attempt
 * that got no answer may still take effect.
 */
export class KeyTurns {
  readonly #limits: { readonly writeInterval: Milliseconds };
  readonly #pace: Pace;
  readonly #cooldowns: Cooldowns = new Cooldowns(LATE_EFFECT);
  /** When the last key is free again. */
  #freeFrom: Milliseconds = 0;

  /** @param limits Holds the pace, which may change. */
  constructor(limits: { readonly writeInterval: Milliseconds }, burst: number) {
    this.#limits = limits;
    this.#pace = new Pace(limits, burst);
  }

  /** When a slot's next write may be sent. */
  opens({ key, notBefore, next }: Slot, at: Milliseconds): Milliseconds {
    // An attempt of its own that still takes effect does no harm.
    const cooled = next!.unsureUntil > 0 ? 0 : this.#cooldowns.ends(key, at);
    return Math.max(notBefore, cooled, this.#pace.opens(key, at));
  }

  /** A key is written. */
  spend(key: string, at: Milliseconds): void {
    this.#freeFrom = Math.max(this.#freeFrom, this.#pace.spend(key, at));
  }

  /** Whether any key may be written. */
  areFree(at: Milliseconds): boolean {
    return at >= this.#freeFrom;
  }

  /** When a key may be written after the API refused it. */
  opensAfterRefusal(key: string, at: Milliseconds): Milliseconds {
    return this.#pace.opensAfterRefusal(key, at);
  }

  /** Holds the key of a write until its abandoned attempts have had time to take effect. */
  cool({ key, put, order, unsureUntil }: Write): void {
    if (unsureUntil === 0) return;
    const at = now();
    if (unsureUntil <= at) return;
    this.#cooldowns.add(key, { until: unsureUntil, isPut: put !== undefined, order }, at);
    this.#freeFrom = Math.max(this.#freeFrom, unsureUntil);
  }

  /** The keys with a prefix that an abandoned put may still bring, of the first so many writes. */
  abandonedPuts(prefix: string, count: number): Iterable<string> {
    return this.#cooldowns.puts(prefix, count, now());
  }

  /** Why a slot's next write was not sent before a deadline; `undefined` where its turn had come. */
  lateError(slot: Slot, deadline: Milliseconds): KVError | undefined {
    const at = now();
    if (this.#cooldowns.ends(slot.key, at) > at) {
      return deadlinePassed(
        deadline,
        `while an earlier write of the key, which got no answer, could still take effect: the next one waits ${LATE_EFFECT} ms.`,
      );
    }
    if (this.opens(slot, at) <= at) return undefined;
    const { writeInterval } = this.#limits;
    const seconds = Math.max(1, Math.ceil(writeInterval / 1000));
    // A gateway keeps no pace; there a write waits because it was refused.
    const pace = writeInterval === 0 ? "" : `A key may be written once per ${writeInterval} ms. `;
    return new KVRateLimitError(
      `${pace}This write's turn did not come before the deadline of ${deadline} ms.`,
      seconds,
    );
  }
}
