import { isAboutKeys, isOnTheWay, mayTakeEffect } from "../requests/answer.ts";
import { backoff } from "../requests/backoff.ts";
import { StreamBody } from "./body.ts";
import { bodiesOf, stillAhead } from "./bulk.ts";
import { LATE_EFFECT } from "./cooldowns.ts";
import { now } from "../time/clock.ts";
import { KVError, KVRateLimitError } from "../seam/errors.ts";
import type { Milliseconds } from "../seam/kv-namespace.ts";
import type { Requests } from "../requests/requests.ts";
import { Sending } from "../calls/sending.ts";
import { Search } from "./search.ts";
import { quoteKey } from "../seam/validate.ts";
import { longer, NO_WAITER, type Waiter } from "../calls/waiters.ts";
import type { Outcome, WriteRequests, WriteTerms } from "./write-requests.ts";
import type { Keeper, Write } from "./write.ts";

/** How often KV takes a write of one key. */
const WRITE_INTERVAL: Milliseconds = 1000;

/**
 * Receives the outcome of each write: exactly one of the first four, once. What one answer is about has one moment, `at`,
 * so that what waits behind it goes on together.
 */
export interface Outcomes {
  settled(write: Write, at: Milliseconds): void;
  failed(write: Write, error: unknown, at: Milliseconds): void;
  /** The API could not do it, and may be asked again a time after `at`. */
  again(write: Write, wait: Milliseconds, at: Milliseconds): void;
  /** No caller waits for it, and it is not on the wire. */
  dropped(write: Write): void;
  /** No caller waits for it, but it may take effect: it is not settled yet. */
  unwanted(write: Write): void;
  /** All of it is on the wire. */
  sent(write: Write): void;
}

/** Delivers writes to the API, in one request or, if the API refuses that, in several, and reports each outcome. */
export class Deliveries {
  readonly #requests: Requests;
  readonly #send: WriteRequests;
  readonly #outcomes: Outcomes;

  constructor(requests: Requests, send: WriteRequests, outcomes: Outcomes) {
    this.#requests = requests;
    this.#send = send;
    this.#outcomes = outcomes;
  }

  /** Sends writes that the gate has let in. */
  deliver(writes: readonly Write[]): Promise<void> {
    return this.#deliver(writes, true);
  }

  /** Sends writes in one request. Where the API refuses that as a whole, parts of it find the culprit. */
  async #deliver(writes: readonly Write[], admitted: boolean, search?: Search, depth = 0): Promise<void> {
    const delivery = new Delivery(this.#requests, this.#send, this.#outcomes, writes, admitted);
    try {
      await delivery.send();
      search?.accept();
    } catch (error) {
      const bodies = mayRepeat(error, this.#requests) ? delivery.bodies() : [];
      if (bodies.length > 1) await this.#inSmallerBodies(bodies, delivery, search, depth);
      else await this.#refused(delivery, error, search ?? new Search(), depth);
    }
  }

  /** Sends again, one after the other, what the line turned out too slow for as a whole. */
  async #inSmallerBodies(
    bodies: readonly (readonly Write[])[],
    delivery: Delivery,
    search: Search | undefined,
    depth: number,
  ): Promise<void> {
    for (const body of bodies) {
      const waiting = delivery.leftOf(body);
      if (waiting.length > 0) await this.#deliver(waiting, false, search, depth);
    }
  }

  async #refused(delivery: Delivery, error: unknown, search: Search, depth: number): Promise<void> {
    const { left } = delivery;
    const mayBeAboutOne = isAboutKeys(error);
    if (left.length === 1 && mayBeAboutOne) search.suspect();
    if (left.length <= 1 || !mayBeAboutOne) {
      const at = now();
      for (const write of left) this.#outcomes.failed(write, error, at);
      return;
    }
    const deliverPart = async (part: readonly Write[]): Promise<void> => {
      const waiting = delivery.leftOf(part);
      const at = now();
      if (search.isFutile) for (const write of waiting) this.#outcomes.failed(write, error, at);
      else if (waiting.length > 0) await this.#deliver(waiting, false, search, depth + 1);
    };
    // Every other one, so that neighbouring culprits do not look like a fault of the whole.
    const parts = [0, 1].map((rest) => left.filter((_, i) => i % 2 === rest));
    await search.each(parts, depth, deliverPart);
  }
}

/** Writes that travel in one request, from when they are taken until each has an outcome. */
class Delivery implements Keeper {
  readonly #all: readonly Write[];
  readonly #requests: Requests;
  readonly #send: WriteRequests;
  readonly #outcomes: Outcomes;
  readonly #sending: Sending;
  /** How many were dropped: this delivery is no more their keeper. */
  #dropped = 0;
  /** How many somebody waits for. */
  #wanted = 0;
  /** Whether an attempt is under way. */
  #onWire = false;
  #stream: StreamBody | undefined;

  constructor(
    requests: Requests,
    send: WriteRequests,
    outcomes: Outcomes,
    writes: readonly Write[],
    admitted: boolean,
  ) {
    this.#requests = requests;
    this.#send = send;
    this.#outcomes = outcomes;
    this.#all = writes;
    let longest: Waiter = NO_WAITER;
    for (const write of writes) {
      write.keeper = this;
      if (write.isWanted) this.#wanted++;
      longest = longer(longest, write.writers);
    }
    this.#sending = new Sending(longest, admitted);
  }

  /** Those that have no outcome yet. */
  get left(): readonly Write[] {
    return this.#dropped === 0 ? this.#all : this.leftOf(this.#all);
  }

  /** Those of some of its writes that have no outcome yet. */
  leftOf(writes: readonly Write[]): readonly Write[] {
    return writes.filter(({ keeper }) => keeper === this);
  }

  /** @throws what those that are {@link left} failed with. */
  async send(): Promise<void> {
    const [first] = this.#all;
    const terms: WriteTerms = {
      sending: this.#sending,
      onStart: () => void (this.#onWire = true),
      onFailure: (error) => this.#attemptFailed(error),
      fits: () => this.bodies().length <= 1,
    };
    if (this.#all.length === 1) this.#alone(first!, await this.#sendAlone(first!, terms));
    else this.#together(await this.#send.bulk(first!.put ? "put" : "delete", () => this.left, terms));
  }

  /** Returns the bodies in which the {@link left} ones can be sent now; none for one that goes alone. */
  bodies(): readonly (readonly Write[])[] {
    const { left } = this;
    return left.length > 1 ? bodiesOf(left, this.#requests.limits) : [];
  }

  drop(write: Write): void {
    this.#wanted--;
    if (!this.#onWire || !this.#mayTakeEffect) return this.#drop(write);
    this.#outcomes.unwanted(write);
    if (this.#wanted === 0) this.#sending.cancel();
  }

  lateError(_write: Write, deadline: Milliseconds): KVError {
    return this.#requests.lateError(this.#sending, deadline);
  }

  /** Whether what is on the wire may take effect, whatever becomes of it here. Only of a stream there may be an end missing. */
  get #mayTakeEffect(): boolean {
    return this.#stream === undefined || this.#stream.isComplete;
  }

  #drop(write: Write): void {
    write.keeper = undefined;
    this.#dropped++;
    if (this.#dropped === this.#all.length) this.#sending.cancel();
    this.#outcomes.dropped(write);
  }

  #attemptFailed(error: unknown): void {
    this.#onWire = false;
    const isUnsure = mayTakeEffect(error) && this.#mayTakeEffect;
    const until = now() + LATE_EFFECT;
    for (const write of this.left) {
      if (isUnsure) write.unsureUntil = until;
      if (!write.isWanted) this.#drop(write);
    }
  }

  #sendAlone(write: Write, terms: WriteTerms): Promise<Outcome> {
    const { key, put } = write;
    if (put === undefined) return this.#send.delete(key, terms);
    const options = stillAhead(put.options);
    if ("data" in put.value) return this.#send.put(key, put.value, options, terms);
    this.#stream = new StreamBody(key, put.value.stream, () => this.#outcomes.sent(write));
    return this.#send.putStream(key, this.#stream, options, terms);
  }

  #alone(write: Write, outcome: Outcome): void {
    const at = now();
    if (outcome === "done") this.#outcomes.settled(write, at);
    else if (!write.isWanted) this.#outcomes.dropped(write);
    else if (write.isStream || !this.#requests.settings.retry.refused) {
      const why = write.isStream ? "a stream cannot be resent" : "`retry` is off";
      this.#outcomes.failed(
        write,
        new KVRateLimitError(`The API accepts one write per key and second, and ${why}.`, 1),
        at,
      );
    }
    // A 429 for this key. With `writeInterval: 0` only the API keeps a pace.
    else this.#outcomes.again(write, this.#requests.limits.writeInterval > 0 ? 0 : WRITE_INTERVAL, at);
  }

  #together(refused: ReadonlySet<string>): void {
    const { retry } = this.#requests.settings;
    let refusals = 0;
    for (const write of this.left) refusals = Math.max(refusals, write.refusals);
    const wait = backoff(retry, 1 + refusals);
    const at = now();
    for (const write of this.left) {
      if (!refused.has(write.key)) this.#outcomes.settled(write, at);
      else if (!write.isWanted) this.#outcomes.dropped(write);
      else if (++write.refusals < retry.attempts) this.#outcomes.again(write, wait, at);
      else
        this.#outcomes.failed(
          write,
          new KVError("KV_API", `The API did not process ${quoteKey(write.key)} in ${write.refusals} attempts.`, {
            key: write.key,
          }),
          at,
        );
    }
  }
}

/** Whether another attempt may heal what failed, and is wanted. */
function mayRepeat(error: unknown, { settings }: Requests): boolean {
  return error instanceof KVError && isOnTheWay(error) && settings.retry.attempts > 1;
}
