import type { Milliseconds } from "@kvplug/core";
import { counted, NO_RESULT, PAGE, refusal, tooMany, withBudget, type Answer } from "./answers.ts";
import type { Fate, How } from "./fates.ts";
import { stateOf, type Attempt, type History } from "./history.ts";
import { parseRequest, writesOf, type Asked, type WireRequest } from "./requests.ts";
import { STREAM_END } from "./sources.ts";
import { LAG, type Store } from "./store.ts";
import { after, type Timer } from "./timers.ts";

/** Who sent a request, and waits for its answer. */
export interface Peer {
  head(status: number, headers: Record<string, string>): void;
  data(chunk: Uint8Array): void;
  end(): void;
  /** The connection broke. */
  fail(error: Error): void;
}

/** Some keys of a request, which take effect at one time. */
interface Part {
  readonly run: () => void;
  at: Milliseconds;
  timer: Timer;
}

/** One request, and what becomes of it. */
export class Exchange {
  readonly attempt: Attempt;
  readonly #store: Store;
  readonly #history: History;
  readonly #fate: Fate;
  readonly #request: WireRequest;
  readonly #peer: Peer;
  readonly #chunks: Uint8Array[] = [];
  /** What is still to take effect. */
  readonly #parts: Set<Part> = new Set();
  readonly #timers: Timer[] = [];
  /** What a success would be, once it took effect. */
  #done: Answer | undefined;

  constructor(store: Store, attempt: Attempt, fate: Fate, request: WireRequest, peer: Peer) {
    this.#store = store;
    this.#history = store.history;
    this.attempt = attempt;
    this.#fate = fate;
    this.#request = request;
    this.#peer = peer;
  }

  get isOver(): boolean {
    return this.attempt.over !== undefined;
  }

  /** A piece of its body comes. */
  receive(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    const { contentType, isStream } = this.#request;
    const [key] = this.attempt.keys;
    if (this.#chunks.length > 1 || key === undefined || !isStream || contentType?.startsWith("multipart")) return;
    // A streamed value begins with all that tells it.
    this.attempt.writes.set(key, stateOf(Buffer.from(chunk).toString()) + STREAM_END);
  }

  /** All of it has come. */
  arrive(): void {
    if (this.isOver) return;
    const asked = parseRequest(this.#request, Buffer.concat(this.#chunks).toString());
    for (const [key, value] of writesOf(asked)) this.attempt.writes.set(key, stateOf(value));
    const { effect = 1, answer = 2, retryAfter } = this.#fate;
    const how = howOf(this.#fate, asked);
    const isTooMany = how === "429" || how === "429 of the key";
    const refused = isTooMany ? tooMany(how === "429 of the key", retryAfter) : this.#store.refusalOf(asked);
    if (refused === undefined && (effect !== "never" || !MAY_BE_LOST.has(how))) {
      this.#plan(asked, how, effect === "never" ? 0 : effect);
    }
    if (how !== "silence") this.#after(answer, () => this.#answer(asked, how, refused));
  }

  /** The client ends it: nobody reads the answer, and what was sent whole may still take effect. */
  giveUp(): void {
    if (this.isOver) return;
    this.#end("given up");
    for (const timer of this.#timers) clearTimeout(timer);
    const latest = performance.now() + (this.#store.options.lag ?? LAG);
    for (const part of this.#parts) {
      if (part.at <= latest) continue;
      clearTimeout(part.timer);
      part.at = latest;
      part.timer = after(latest - performance.now(), part.run);
    }
  }

  /** The connection breaks on the client's side: its own body failed. */
  break(): void {
    if (!this.isOver) this.#end("lost");
  }

  #plan(asked: Asked, how: How, effect: Milliseconds): void {
    const { stagger = 0, answer = 2 } = this.#fate;
    const keys = keysOf(asked);
    const first = new Set(keys.slice(0, this.#fate.first ?? 0));
    const isDone = (key: string): boolean => !PARTIAL.has(how) || first.has(key);
    const isBulkWrite = asked.do === "bulk put" || asked.do === "bulk delete";
    const parts = stagger > 0 && isBulkWrite ? keys.map((key) => (one: string) => one === key) : [() => true];
    const lag = MAY_COME_LATE.has(how) ? (this.#store.options.lagAfterFailure ?? 0) : 0;
    const latest = how === "silence" ? Number.POSITIVE_INFINITY : answer + lag;
    for (const [i, includes] of parts.entries()) {
      const time = Math.min(effect + i * stagger, latest);
      const run = (): void => {
        this.#parts.delete(part);
        this.#done = this.#store.apply(asked, this.attempt, (key) => isDone(key) && includes(key));
      };
      const part: Part = { run, at: performance.now() + time, timer: after(time, run) };
      this.#parts.add(part);
    }
  }

  #answer(asked: Asked, how: How, refused: Answer | undefined): void {
    if (how === "reset") return this.#lose();
    if (refused) return this.#send(refused, false);
    if (how === "500") return this.#send(refusal(500, 10001, "internal error"), false);
    if (how === "504") return this.#send(refusal(504, 10001, "no answer in time"), false);
    if (how === "page") return this.#send(PAGE, false);
    if (how === "twice") this.#store.apply(asked, this.attempt, () => true);
    const keys = keysOf(asked);
    const first = keys.slice(0, this.#fate.first ?? 0);
    if (how === "part")
      return this.#send({ ...counted(first.length, keys.slice(first.length)), confirmed: first }, false);
    if (how === "no count") return this.#send(counted(first.length), false);
    if (how === "no result") return this.#send(NO_RESULT, false);
    if (how === "short page")
      return this.#send(this.#store.list(asked as Asked & { do: "list" }, this.#fate.first ?? 0), false);
    const done = this.#done!;
    if (how === "cut JSON") return this.#send({ ...done, body: halves(done.body)[0], confirmed: [] }, false);
    return this.#send(done, how === "cut");
  }

  #send(answer: Answer, isCut: boolean): void {
    const { body = 0, left } = this.#fate;
    const { status, headers } = left === undefined ? answer : withBudget(answer, left);
    const [first, second] = halves(answer.body);
    this.attempt.status = status;
    this.#peer.head(status, headers);
    if (first !== "") this.#peer.data(Buffer.from(first));
    const end = (): void => {
      if (isCut) return this.#lose();
      if (second !== "") this.#peer.data(Buffer.from(second));
      this.attempt.confirmed = answer.confirmed ?? [];
      this.#end("answered");
      return this.#peer.end();
    };
    if (body === 0) end();
    else if (body !== "never") this.#after(body, end);
  }

  #lose(): void {
    this.#end("lost");
    this.#peer.fail(Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }));
  }

  #end(how: NonNullable<Attempt["over"]>["how"]): void {
    this.attempt.over = { ...this.#history.now(), how };
  }

  #after(time: Milliseconds, run: () => void): void {
    this.#timers.push(
      after(time, () => {
        if (!this.isOver) run();
      }),
    );
  }
}

/** Of these the client cannot know whether they took effect. */
const MAY_BE_LOST: ReadonlySet<How> = new Set<How>(["silence", "reset", "500", "504", "page"]);

/** Where somebody in between does not know what became of the request. */
const MAY_COME_LATE: ReadonlySet<How> = new Set<How>(["reset", "504", "page"]);

/** Of these only the first keys take effect. */
const PARTIAL: ReadonlySet<How> = new Set<How>(["part", "no result", "no count", "keys missing"]);

/** What becomes of a request, as far as that fits it. */
function howOf({ how = "well" }: Fate, asked: Asked): How {
  const isBulkWrite = asked.do === "bulk put" || asked.do === "bulk delete";
  if (how === "429 of the key") return asked.do === "put" || asked.do === "delete" ? how : "well";
  if (how === "part" || how === "no result" || how === "no count") return isBulkWrite ? how : "well";
  if (how === "keys missing") return asked.do === "bulk get" ? how : "well";
  if (how === "short page") return asked.do === "list" ? how : "well";
  if (how === "cut JSON") return asked.do === "get" ? "well" : how;
  return how;
}

function keysOf(asked: Asked): string[] {
  return "keys" in asked ? asked.keys : "pairs" in asked ? [...asked.pairs.keys()] : [];
}

function halves(body: string): [string, string] {
  const half = Math.ceil(body.length / 2);
  return [body.slice(0, half), body.slice(half)];
}
