import type { Attempt, Call, Effect, History, State, Write } from "./history.ts";
import { failedKeys } from "./recorded-kv.ts";

/** An effect, with the writes that it may be of; none for what was there at the start. */
export interface Told extends Effect {
  readonly writes: readonly Write[];
}

/** A history with the questions that the laws ask of it. Places are those of {@link History.now}. */
export class Story {
  readonly history: History;
  readonly keys: readonly string[];
  readonly effects: readonly Told[];
  readonly #writes: ReadonlyMap<string, readonly Write[]>;

  constructor(history: History) {
    this.history = history;
    const keys = new Set<string>();
    for (const { key } of history.effects) keys.add(key);
    for (const { writes, reads } of history.calls) for (const { key } of [...writes, ...reads]) keys.add(key);
    this.keys = [...keys];
    this.#writes = new Map(this.keys.map((key) => [key, this.#allWritesOf(key)]));
    for (const attempt of history.attempts) {
      for (const key of attempt.writes.keys()) {
        const [write, ...others] = this.writesIn(attempt, key);
        if (write && others.length === 0) write.to = Math.min(write.to, attempt.sent.place);
      }
    }
    this.effects = history.effects.map((effect) => ({
      ...effect,
      writes: effect.attempt ? this.writesIn(effect.attempt, effect.key) : [],
    }));
  }

  /** All writes of a key in the order of their calls, that of each `clear` among them. */
  writesOf(key: string): readonly Write[] {
    return this.#writes.get(key) ?? [];
  }

  /** The writes that an attempt may carry for a key. Values tell their write; deletes look all alike. */
  writesIn(attempt: Attempt, key: string): readonly Write[] {
    const state = attempt.writes.get(key);
    if (state === undefined) return [];
    return this.writesOf(key).filter(
      (write) => write.state === state && (state !== null || write.from < attempt.sent.place),
    );
  }

  /** Whether one write was called before the other, for certain. */
  isOlder(one: Write, other: Write): boolean {
    return one.to < other.from;
  }

  /** When the caller was told that this write is done; `undefined` where it never was. */
  acknowledgedAt({ call, key }: Write): number | undefined {
    const { settled } = call;
    // That it was made and handed out says nothing about the store.
    if (call.kind === "wrap") return undefined;
    // Of one that failed it is not known which keys it had found.
    if (call.kind === "clear" && call.error !== undefined) return undefined;
    if (settled === undefined || failedKeys(call).has(key)) return undefined;
    // A call that failed as a whole told nothing of its keys.
    return settled.place;
  }

  /** Whether a call is still waited for, as far as its caller can know. */
  isWaiting({ called, settled, left }: Call, place: number): boolean {
    return called.place <= place && !(settled && settled.place < place) && !(left && left.place < place);
  }

  /** The states that the API had for a key from one place to another. */
  statesBetween(key: string, from: number, to: number): Set<State> {
    let before: State = null;
    const states = new Set<State>();
    for (const effect of this.effects) {
      if (effect.key !== key || effect.place > to) continue;
      if (effect.place < from) before = effect.state;
      else states.add(effect.state);
    }
    return states.add(before);
  }

  /** The last effect on a key before a place. */
  lastEffect(key: string, place: number): Told | undefined {
    return this.effects.findLast((effect) => effect.key === key && effect.place < place);
  }

  /** The attempts that may carry a write. */
  attemptsOf(write: Write): Attempt[] {
    return this.history.attempts.filter((attempt) => this.writesIn(attempt, write.key).includes(write));
  }

  #allWritesOf(key: string): Write[] {
    const writes: Write[] = [];
    for (const call of this.history.calls) {
      const { place } = call.called;
      if (call.kind === "clear") writes.push({ call, key, state: null, streamed: false, from: place, to: place });
      for (const write of call.writes) if (write.key === key) writes.push(write);
    }
    return writes.toSorted((a, b) => a.from - b.from);
  }
}
