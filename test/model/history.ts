import type { Milliseconds } from "@kvplug/core";

/** What a key holds: a value, or `null` where it does not exist. */
export type State = string | null;

/** What a value tells: it may be quoted, as JSON. */
export const stateOf = (value: State): State => value && value.replaceAll('"', "");

/** When something happened: its place among all that happened, and the time on the virtual clock. */
export interface Moment {
  readonly place: number;
  readonly at: Milliseconds;
}

/** A call of the driver, as the program made it. */
export interface Call {
  readonly id: number;
  readonly kind: "put" | "putMany" | "delete" | "deleteMany" | "clear" | "read" | "wrap" | "close";
  /** The key, where the call is about one. */
  readonly key: string | undefined;
  readonly called: Moment;
  /** How long the call may take. */
  readonly deadline: Milliseconds;
  /** The deadline that it was given. */
  readonly ownDeadline: Milliseconds | undefined;
  readonly writes: Write[];
  readonly reads: Read[];
  /** The keys that it asks for. */
  readonly asks: readonly string[];
  /** When its signal was aborted, and with what. */
  left: (Moment & { readonly reason: unknown }) | undefined;
  /** When its source of many writes yielded last, or failed; `undefined` for an array, which needs no time. */
  progress: Moment | undefined;
  settled: Moment | undefined;
  /** What it rejected with. */
  error: { readonly value: unknown } | undefined;
  /** What the program's own source throws into it. */
  readonly ownErrors: unknown[];
  /** Whether the program reads the stream that it got. */
  reading: "under way" | "over" | "never" | undefined;
}

/** What a call writes to one key. Values are never used twice, so that each tells its write. */
export interface Write {
  readonly call: Call;
  readonly key: string;
  readonly state: State;
  /** A stream: only the API can tell what it holds. */
  readonly streamed: boolean;
  /**
   * Between these places it was called. An item of an iterable is called when the driver takes it in, which is after it
   * was yielded, and before it is sent.
   */
  readonly from: number;
  to: number;
}

/** What a call read of one key. */
export interface Read {
  readonly key: string;
  readonly state: State;
  /** The metadata that came with it; the program stores each value with itself as its metadata. */
  readonly metadata: State | undefined;
}

/** One request, sent once. */
export interface Attempt {
  readonly id: number;
  readonly route: string;
  /** What it would write, by key. Of a stream it is known once its first chunk has come. */
  readonly writes: Map<string, State>;
  /** The keys that it would write, known from the start. */
  readonly keys: readonly string[];
  /** The keys that it reads. */
  readonly asks: readonly string[];
  readonly sent: Moment;
  /** When the client had its answer, lost the connection, or gave it up. */
  over: (Moment & { readonly how: "answered" | "lost" | "given up" }) | undefined;
  status: number | undefined;
  /** The keys of which its answer says that they are written. */
  confirmed: readonly string[];
}

/** A write took effect. */
export interface Effect extends Moment {
  readonly key: string;
  readonly state: State;
  readonly attempt: Attempt | undefined;
}

/** All that happened in a run, from which the laws judge it. */
export class History {
  readonly calls: Call[] = [];
  readonly attempts: Attempt[] = [];
  readonly effects: Effect[] = [];
  readonly unhandled: unknown[] = [];
  /** How many timers hold the process once all is settled and closed. */
  holding = 0;
  #places = 0;

  now(): Moment {
    return { place: ++this.#places, at: performance.now() };
  }

  called(
    kind: Call["kind"],
    key: string | undefined,
    deadline: Milliseconds,
    ownDeadline: Milliseconds | undefined,
    asks: readonly string[],
  ): Call {
    const call: Call = {
      id: this.calls.length + 1,
      kind,
      key,
      called: this.now(),
      deadline,
      ownDeadline,
      writes: [],
      reads: [],
      asks,
      left: undefined,
      progress: undefined,
      settled: undefined,
      error: undefined,
      ownErrors: [],
      reading: undefined,
    };
    this.calls.push(call);
    return call;
  }

  sent(route: string, keys: readonly string[], asks: readonly string[]): Attempt {
    const attempt: Attempt = {
      id: this.attempts.length + 1,
      route,
      keys,
      asks,
      writes: new Map(),
      sent: this.now(),
      over: undefined,
      status: undefined,
      confirmed: [],
    };
    this.attempts.push(attempt);
    return attempt;
  }

  tookEffect(key: string, value: State, attempt: Attempt | undefined): void {
    this.effects.push({ ...this.now(), key, state: stateOf(value), attempt });
  }
}
