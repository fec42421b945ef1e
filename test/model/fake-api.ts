import type { Milliseconds } from "@kvplug/core";
import type { Fate } from "./fates.ts";
import { stateOf, type Attempt, type History } from "./history.ts";
import { STREAM_END } from "./sources.ts";
import { parseRequest, routeOf, writesOf, type Asked, type Stored, type WireRequest } from "./requests.ts";

/** What the API is like, beside what it does with each request. */
export interface ApiOptions {
  /** What holds at the start: each of these keys has a value. */
  readonly exists?: readonly string[];
  /** What becomes of the first requests, in the order in which they are sent; the others are answered well. */
  readonly fates?: readonly Fate[];
  /** How long after it was given up a request may still take effect, at the most. Default: 200. */
  readonly lag?: Milliseconds;
  /** A key that may not be written: a request that writes it is refused as a whole, with 400. */
  readonly badKey?: string;
  /** Whether the credentials are malformed: each request is refused, with 400 and code 6003. */
  readonly malformedCredentials?: boolean;
}

/** Who sent a request, and waits for its answer. */
export interface Peer {
  head(status: number, headers: Record<string, string>): void;
  data(chunk: Uint8Array): void;
  end(): void;
  /** The connection broke. */
  fail(error: Error): void;
}

/** The value that a key has at the start; it is stored as JSON. */
export const atTheStart = (key: string): string => `${key}#0`;

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
  /** The keys of which it says that they are written. */
  readonly confirmed?: readonly string[];
  /** Whether it says that nothing was done. */
  readonly refused?: boolean;
}

/**
 * The KV REST API in memory: strongly consistent, and as unkind as its fates say. It keeps the order in which writes
 * take effect.
 */
export class FakeApi {
  readonly #history: History;
  readonly #options: ApiOptions;
  readonly #keys: Map<string, Stored> = new Map();

  constructor(history: History, options: ApiOptions) {
    this.#history = history;
    this.#options = options;
    for (const key of options.exists ?? []) {
      this.#keys.set(key, { value: JSON.stringify(atTheStart(key)), metadata: atTheStart(key) });
      history.tookEffect(key, atTheStart(key), undefined);
    }
  }

  /** A request begins: its head is there, its body may be still to come. */
  begin(request: WireRequest, keys: readonly string[], peer: Peer): Exchange {
    const { route, key } = routeOf(request);
    const writes = /^(PUT|DELETE)|delete$/.test(route);
    const name = key === undefined ? route : `${route}/${key}`;
    const attempt = this.#history.sent(name, writes ? keys : [], writes ? [] : keys);
    const fate = this.#options.fates?.[attempt.id - 1] ?? {};
    return new Exchange(this, this.#history, attempt, fate, this.#options.lag ?? 200, request, peer);
  }

  /** Does what a request asks, for these of its keys; returns the answer where all of it was done. */
  apply(asked: Asked, attempt: Attempt, includes: (key: string) => boolean): Answer {
    switch (asked.do) {
      case "put":
      case "bulk put":
        for (const [key, stored] of asked.pairs) if (includes(key)) this.#set(key, stored, attempt);
        return asked.do === "put"
          ? { ...envelope({}), confirmed: [asked.key] }
          : { ...counted(asked.pairs.size), confirmed: [...asked.pairs.keys()] };
      case "delete":
        this.#set(asked.key, undefined, attempt);
        return { ...envelope({}), confirmed: [asked.key] };
      case "bulk delete":
        for (const key of asked.keys) if (includes(key)) this.#set(key, undefined, attempt);
        return { ...counted(asked.keys.length), confirmed: asked.keys };
      case "get": {
        const found = this.#keys.get(asked.key);
        if (found === undefined) return refusal(404, 10009, "key not found");
        return { status: 200, headers: { "content-type": "application/octet-stream" }, body: found.value };
      }
      case "metadata": {
        const found = this.#keys.get(asked.key);
        return found === undefined ? refusal(404, 10009, "key not found") : envelope(found.metadata);
      }
      case "bulk get": {
        const valueOf = (key: string): unknown => {
          const found = this.#keys.get(key);
          return found === undefined ? null : asked.withMetadata ? found : found.value;
        };
        return envelope({ values: Object.fromEntries(asked.keys.filter(includes).map((key) => [key, valueOf(key)])) });
      }
      case "list": {
        const names = [...this.#keys.keys()].filter((key) => key.startsWith(asked.prefix)).toSorted();
        const rest = names.filter((key) => key > asked.cursor);
        return envelope(
          rest.map((name) => ({ name, metadata: this.#keys.get(name)!.metadata })),
          { count: rest.length, cursor: "" },
        );
      }
    }
  }

  /** How a request is refused that may not be done at all. */
  refusalOf(asked: Asked): Answer | undefined {
    if (this.#options.malformedCredentials) return refusal(400, 6003, "Invalid request headers");
    const { badKey } = this.#options;
    if (badKey === undefined || !writesOf(asked).has(badKey)) return undefined;
    return refusal(400, 10012, "a key may not be written");
  }

  #set(key: string, stored: Stored | undefined, attempt: Attempt): void {
    if (stored) this.#keys.set(key, stored);
    else this.#keys.delete(key);
    this.#history.tookEffect(key, stored?.value ?? null, attempt);
  }
}

/** One request and what becomes of it. */
export class Exchange {
  readonly attempt: Attempt;
  readonly #api: FakeApi;
  readonly #history: History;
  readonly #fate: Fate;
  readonly #lag: Milliseconds;
  readonly #request: WireRequest;
  readonly #peer: Peer;
  readonly #chunks: Uint8Array[] = [];
  #asked: Asked | undefined;
  /** What a success would be, once it took effect. */
  #done: Answer | undefined;
  #effectAt: Milliseconds = Number.POSITIVE_INFINITY;
  #effectTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #timers: ReturnType<typeof setTimeout>[] = [];

  constructor(
    api: FakeApi,
    history: History,
    attempt: Attempt,
    fate: Fate,
    lag: Milliseconds,
    request: WireRequest,
    peer: Peer,
  ) {
    this.#api = api;
    this.#history = history;
    this.attempt = attempt;
    this.#fate = fate;
    this.#lag = lag;
    this.#request = request;
    this.#peer = peer;
  }

  get isOver(): boolean {
    return this.attempt.over !== undefined;
  }

  /** A piece of its body comes. */
  receive(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    // A streamed value begins with all that tells it.
    const [key] = this.attempt.keys;
    if (this.#chunks.length === 1 && key !== undefined && !this.#request.contentType?.startsWith("multipart"))
      this.attempt.writes.set(key, stateOf(Buffer.from(chunk).toString()) + (this.#request.isStream ? STREAM_END : ""));
  }

  /** All of it has come. */
  arrive(): void {
    if (this.isOver) return;
    this.attempt.arrived = this.#history.now();
    const asked = (this.#asked = parseRequest(this.#request, Buffer.concat(this.#chunks).toString()));
    for (const [key, value] of writesOf(asked)) this.attempt.writes.set(key, stateOf(value));
    const { effect = 1, answer = 2 } = this.#fate;
    const how = this.#howOf(asked);
    const refusal =
      how === "429" || how === "429 of the key" ? tooMany(how, this.#fate.retryAfter) : this.#api.refusalOf(asked);
    const happens = refusal === undefined && (effect !== "never" || how === "well");
    if (happens) {
      const time = effect === "never" ? 0 : effect;
      this.#plan(how === "silence" ? time : Math.min(time, answer));
    }
    if (how === "silence") return;
    this.#after(answer, () => this.#answer(how, refusal));
  }

  /** The client ends it: nobody reads the answer, and what was sent whole may still take effect. */
  giveUp(): void {
    if (this.isOver) return;
    this.attempt.over = { ...this.#history.now(), how: "given up" };
    for (const timer of this.#timers) clearTimeout(timer);
    const { at } = this.attempt.over;
    if (this.#effectAt > at + this.#lag && this.#effectAt !== Number.POSITIVE_INFINITY) this.#plan(this.#lag);
  }

  /** The connection breaks on the client's side: its own body failed. */
  break(): void {
    if (this.isOver) return;
    this.attempt.over = { ...this.#history.now(), how: "lost" };
  }

  #howOf(asked: Asked): NonNullable<Fate["how"]> {
    const { how = "well" } = this.#fate;
    const bulkWrite = asked.do === "bulk put" || asked.do === "bulk delete";
    if (how === "429 of the key") return asked.do === "put" || asked.do === "delete" ? how : "well";
    if (how === "part" || how === "no result" || how === "no count") return bulkWrite ? how : "well";
    if (how === "keys missing") return asked.do === "bulk get" ? how : "well";
    if (how === "cut JSON") return asked.do === "get" ? "well" : how;
    return how;
  }

  #plan(time: Milliseconds): void {
    clearTimeout(this.#effectTimer);
    this.#effectAt = performance.now() + time;
    this.#effectTimer = setTimeout(() => this.#takeEffect(), time);
  }

  #takeEffect(): void {
    this.#effectAt = Number.POSITIVE_INFINITY;
    const asked = this.#asked!;
    const how = this.#howOf(asked);
    const partly = how === "part" || how === "no result" || how === "no count" || how === "keys missing";
    const keys = "keys" in asked ? asked.keys : "pairs" in asked ? [...asked.pairs.keys()] : [];
    const first = new Set(keys.slice(0, this.#fate.first ?? 0));
    this.#done = this.#api.apply(asked, this.attempt, (key) => !partly || first.has(key));
    if (how === "part") {
      const others = keys.filter((key) => !first.has(key));
      this.#done = { ...counted(first.size, others), confirmed: [...first] };
    } else if (how === "no count") {
      this.#done = counted(first.size);
    } else if (how === "no result") {
      this.#done = { status: 200, headers: JSON_HEADERS, body: '{"success":true}' };
    }
  }

  #answer(how: NonNullable<Fate["how"]>, refused: Answer | undefined): void {
    // At one time, the effect comes first.
    if (this.#effectAt !== Number.POSITIVE_INFINITY) {
      clearTimeout(this.#effectTimer);
      this.#takeEffect();
    }
    if (how === "twice" && refused === undefined) this.#takeEffect();
    if (how === "reset") return this.#lose();
    if (how === "500" && refused === undefined) return this.#send(refusal(500, 10001, "internal error"));
    if (how === "page" && refused === undefined)
      return this.#send({ status: 502, headers: { "content-type": "text/html" }, body: "<html>Bad gateway</html>" });
    const answer = refused ?? this.#done!;
    if (how === "cut") return this.#send(answer, "cut");
    if (how === "cut JSON") return this.#send({ ...answer, body: halves(answer.body)[0], confirmed: [] });
    return this.#send(answer);
  }

  #send(answer: Answer, cut?: "cut"): void {
    const [first, second] = halves(answer.body);
    this.attempt.status = answer.status;
    this.#peer.head(answer.status, answer.headers);
    if (first !== "") this.#peer.data(Buffer.from(first));
    const { body = 0 } = this.#fate;
    if (body === "never") return;
    const end = (): void => {
      if (cut) return this.#lose();
      if (second !== "") this.#peer.data(Buffer.from(second));
      this.attempt.confirmed = answer.confirmed ?? [];
      this.attempt.refused = answer.refused ?? false;
      this.attempt.over = { ...this.#history.now(), how: "answered" };
      return this.#peer.end();
    };
    if (body === 0) end();
    else this.#after(body, end);
  }

  #lose(): void {
    this.attempt.over = { ...this.#history.now(), how: "lost" };
    this.#peer.fail(Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }));
  }

  #after(time: Milliseconds, run: () => void): void {
    this.#timers.push(
      setTimeout(() => {
        if (!this.isOver) run();
      }, time),
    );
  }
}

const JSON_HEADERS: Record<string, string> = { "content-type": "application/json" };

function envelope(result: unknown, info?: unknown): Answer {
  const body = JSON.stringify({ success: true, errors: [], messages: [], result, result_info: info });
  return { status: 200, headers: JSON_HEADERS, body };
}

function counted(done: number, failed: readonly string[] = []): Answer {
  return envelope({ successful_key_count: done, unsuccessful_keys: failed });
}

function refusal(status: number, code: number, message: string): Answer {
  const body = JSON.stringify({ success: false, errors: [{ code, message }], messages: [], result: null });
  return { status, headers: JSON_HEADERS, body, refused: status < 500 };
}

function tooMany(how: "429" | "429 of the key", retryAfter: number | undefined): Answer {
  const answer = refusal(429, 10429, "Please wait and consider throttling your request speed");
  if (retryAfter === undefined) return answer;
  // That there is budget left tells that it is about the key.
  const budget: Record<string, string> = how === "429" ? {} : { ratelimit: '"default";r=50;t=30' };
  return { ...answer, headers: { ...JSON_HEADERS, ...budget, "retry-after": String(retryAfter) } };
}

function halves(body: string): [string, string] {
  const half = Math.ceil(body.length / 2);
  return [body.slice(0, half), body.slice(half)];
}
