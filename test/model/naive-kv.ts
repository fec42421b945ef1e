import { KVError, type KV, type KVCallOptions, type KVClientOptions } from "@kvplug/core";
import { BASE_URL, NAMESPACE_PATH } from "./requests.ts";

/** What is wrong with a {@link NaiveKV}. */
export type Flaw =
  | "acknowledges early"
  | "keeps no order"
  | "sends what was aborted"
  | "has no deadline"
  | "reads past its writes"
  | "clears what came later"
  | "throws bare errors"
  | "tells values"
  | "asks too often"
  | "waits for strangers"
  | "leaves a timer";

/**
 * The least that could be called a driver: one request a call, one after the other for each key, and on request one
 * flaw. It is for programs that abort nothing in flight, and proves that each law can be broken, and that it need not.
 */
class NaiveKV {
  readonly #fetch: typeof globalThis.fetch;
  readonly #flaw: Flaw | undefined;
  readonly #pending: Map<string, { value: string | null; done: Promise<unknown> }> = new Map();
  #all: Promise<unknown> = Promise.resolve();

  constructor({ fetch }: KVClientOptions, flaw?: Flaw) {
    this.#fetch = fetch!;
    this.#flaw = flaw;
  }

  put(key: string, value: string, options: KVCallOptions = {}): Promise<void> {
    return this.#write(key, value, options);
  }

  delete(key: string, options: KVCallOptions = {}): Promise<void> {
    return this.#write(key, null, options);
  }

  async get(key: string, options: KVCallOptions = {}): Promise<string | null> {
    const pending = this.#flaw === "reads past its writes" ? undefined : this.#pending.get(key);
    if (pending) return pending.value;
    const response = await this.#send(key, "GET", `/values/${key}`, undefined, options);
    return response.status === 404 ? null : response.text();
  }

  async clear(): Promise<number> {
    const before = new Set(this.#pending.keys());
    const response = await this.#send("", "GET", "/keys", undefined, {});
    const { result } = (await response.json()) as { result: { name: string }[] };
    for (const { name } of result) {
      const later = before.has(name) ? undefined : this.#pending.get(name);
      await (later && this.#flaw !== "clears what came later" ? later.done : this.delete(name));
    }
    return result.length;
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#pending.values()].map(({ done }) => done));
    if (this.#flaw === "leaves a timer") setTimeout(() => {}, 1000);
  }

  async #write(key: string, value: string | null, options: KVCallOptions): Promise<void> {
    const { signal } = options;
    const before = this.#flaw === "waits for strangers" ? this.#all : this.#pending.get(key)?.done;
    const send = async (): Promise<void> => {
      if (before && this.#flaw !== "keeps no order") await before.catch(() => {});
      if (this.#flaw !== "sends what was aborted") signal?.throwIfAborted();
      await this.#send(key, value === null ? "DELETE" : "PUT", `/values/${key}`, value ?? undefined, options);
    };
    const write = { value, done: send() };
    this.#all = Promise.allSettled([this.#all, write.done]);
    this.#pending.set(key, write);
    const over = write.done.finally(() => {
      if (this.#pending.get(key) === write) this.#pending.delete(key);
    });
    over.catch(() => {});
    if (this.#flaw === "acknowledges early") return;
    await until(over, key, this.#flaw === "has no deadline" ? {} : options);
  }

  async #send(
    key: string,
    method: string,
    path: string,
    body: string | undefined,
    options: KVCallOptions,
  ): Promise<Response> {
    const url = new URL(BASE_URL).origin + NAMESPACE_PATH + path;
    for (let attempt = 1; ; attempt++) {
      const asked = this.#fetch(url, { method, headers: {}, ...(body !== undefined && { body }) });
      const response = await until(asked, key, method === "GET" ? options : {});
      if (response.ok || response.status === 404) return response;
      if (this.#flaw === "asks too often" && attempt < 50) continue;
      if (this.#flaw === "throws bare errors") throw new TypeError(`${response.status}`);
      const told = this.#flaw === "tells values" ? ` to ${body}` : "";
      throw new KVError("KV_API", `The API said ${response.status}${told}.`, { key });
    }
  }
}

/** Opens a naive driver in the place of `createKV`. */
export const openNaive =
  (flaw?: Flaw) =>
  (options: KVClientOptions): KV =>
    new NaiveKV(options, flaw) as unknown as KV;

/** Waits for some work until the deadline or the signal's end. */
function until<Result>(work: Promise<Result>, key: string, { deadline, signal }: KVCallOptions): Promise<Result> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(new KVError("KV_TIMEOUT", "The deadline passed.", { key }));
    const timer = deadline === undefined ? undefined : setTimeout(late, deadline);
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
    void work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
