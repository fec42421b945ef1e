import type { Milliseconds } from "@kvplug/core/seam";
import { now } from "./clock.ts";
import { inWorker, thisTurn } from "./platform.ts";
import type { TagBeginning } from "./tags/tag-memory.ts";
import { UnderWay, type Work } from "./under-way.ts";

/**
 * All concurrent callers of `wrap` for a key, which share one factory call. It begins with the first caller, not with
 * the factory.
 */
export interface Round extends Work {
  readonly turn: number;
  /** The tags of the value. */
  readonly tags: readonly string[];
  /** How many are in it: who asked, and the factory. */
  members: number;
  making: Making | undefined;
}

/** A factory call that is under way. */
export interface Making {
  /** The value, as JSON. */
  readonly json: Promise<string | undefined>;
  readonly order: {
    /** The tags of the value. */
    readonly tags: readonly string[];
    /** When the factory began, in knowledge of the tags; `undefined` before that, without tags, and if they cannot be read. */
    readonly since: TagBeginning | undefined;
  };
}

/** A factory takes as long as it takes. In a Worker it never ends where its request has ended before. */
const MAX_AGE: Milliseconds = inWorker ? 600_000 : Number.POSITIVE_INFINITY;

/** The rounds of `wrap`, one for each key at a time. */
export class Rounds {
  /** For those who overtake them. */
  readonly underWay: UnderWay<Round> = new UnderWay(MAX_AGE);

  /** Joins the round of a key, or begins one. */
  join(key: string, tags: readonly string[]): Round {
    const turn = inWorker ? thisTurn() : 0;
    for (const round of this.underWay.of(key)) {
      // In a Worker it may be of a request that ends before it does.
      if (round.turn !== turn) continue;
      round.members++;
      return round;
    }
    const round: Round = { key, turn, tags, members: 1, making: undefined, begunAt: now(), overtaken: false };
    this.underWay.begin(round);
    return round;
  }

  leave(round: Round): void {
    if (--round.members === 0) this.underWay.end(round);
  }

  /** Overtakes all rounds with one of these tags. */
  overtakeTags(tags: { has(tag: string): boolean }): void {
    this.underWay.overtakeWhere((round) => round.tags.some((tag) => tags.has(tag)));
  }

  /** Whether something is being made for a key; in a Worker, whether that began so little ago that it may still be so. */
  isMaking(key: string, maxAge: Milliseconds): boolean {
    for (const { making, begunAt } of this.underWay.of(key)) {
      if (making !== undefined && (!inWorker || now() - begunAt < maxAge)) return true;
    }
    return false;
  }
}
