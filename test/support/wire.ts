/** A request as it went out. */
export interface Sent {
  method: string;
  /** What follows the namespace: `values/a`, `bulk/get`. */
  route: string;
  /** The keys of a bulk body, else that of the path. */
  keys: string[];
  /** The values of a bulk write by key, else the body, where it is text. */
  body: string | undefined;
  /** Aborted once the driver gives it up. */
  signal: AbortSignal | null | undefined;
}

/**
 * A `fetch` to hand to the driver: what goes out over it is told, may be held back before it reaches
 * the server, and may be answered in the server's place.
 */
export class Wire {
  readonly sent: Sent[] = [];
  /** Answers in the server's place; `undefined` where the server shall. */
  instead: ((sent: Sent) => Response | undefined) | undefined;
  /** The most requests about one key that were under way at once. */
  mostOfAKey = 0;
  /** How many answers of the server have come so far, held back or not. */
  answered = 0;
  /** Answers of the server wait for it. */
  answersWaitFor: Promise<void> | undefined;
  readonly #underWay = new Map<string, number>();
  #held: PromiseWithResolvers<void> | undefined;

  readonly fetch: typeof fetch = async (input, given) => {
    const init = await wholeBulk(input as string, given!);
    const sent = toSent(input as string, init);
    this.sent.push(sent);
    for (const key of sent.keys) this.#count(key, 1);
    try {
      const { answersWaitFor } = this;
      if (this.#held) await Promise.race([this.#held.promise, aborted(init.signal)]);
      const answer = this.instead?.(sent) ?? (await fetch(input, init));
      this.answered++;
      await answersWaitFor;
      return answer;
    } finally {
      for (const key of sent.keys) this.#count(key, -1);
    }
  };

  /** From now on requests wait. */
  hold(): void {
    this.#held ??= Promise.withResolvers();
  }

  /** Lets go what waits, and what comes. */
  release(): void {
    this.#held?.resolve();
    this.#held = undefined;
  }

  reset(): void {
    this.release();
    this.sent.length = 0;
    this.instead = undefined;
    this.answered = 0;
    this.answersWaitFor = undefined;
    this.mostOfAKey = 0;
  }

  #count(key: string, change: 1 | -1): void {
    const count = (this.#underWay.get(key) ?? 0) + change;
    this.#underWay.set(key, count);
    this.mostOfAKey = Math.max(this.mostOfAKey, count);
  }
}

/** The API's refusal of a request as a whole. */
export function refusal(status = 400, code = 10147, message = "refused"): Response {
  return Response.json({ success: false, errors: [{ code, message }], messages: [], result: null }, { status });
}

/** The API's answer to a bulk write of which some keys were not done. */
export function unsuccessful(keys: string[], { keys: asked }: Pick<Sent, "keys">): Response {
  const result = { successful_key_count: asked.length - keys.length, unsuccessful_keys: keys };
  return Response.json({ success: true, errors: [], messages: [], result });
}

/** A bulk body that is sent as it comes, as a whole. */
async function wholeBulk(url: string, init: RequestInit): Promise<RequestInit> {
  const isStreamed = init.body instanceof ReadableStream && routeOf(url).startsWith("bulk");
  return isStreamed ? { ...init, body: await new Response(init.body).text() } : init;
}

function routeOf(url: string): string {
  return new URL(url).pathname.split("/").slice(9).join("/");
}

function toSent(url: string, { method = "GET", body, signal }: RequestInit): Sent {
  const route = routeOf(url);
  const text = typeof body === "string" ? body : undefined;
  const [kind, key] = route.split("/");
  const keys = kind === "bulk" ? keysOf(JSON.parse(text!)) : key === undefined ? [] : [decodeURIComponent(key)];
  return { method, route, keys, body: text, signal };
}

type BulkBody = (string | { key: string })[] | { keys: string[] };

function keysOf(body: BulkBody): string[] {
  return Array.isArray(body) ? body.map((item) => (typeof item === "string" ? item : item.key)) : body.keys;
}

function aborted(signal: AbortSignal | null | undefined): Promise<never> {
  return new Promise((_, reject) => {
    if (signal?.aborted) reject(signal.reason);
    else signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
