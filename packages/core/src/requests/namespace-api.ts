import type { ApiCall } from "./api-call.ts";
import type { KVCallOptions } from "../seam/kv-namespace.ts";
import type { PendingCount } from "../time/pending-count.ts";
import type { Requests } from "./requests.ts";
import type { Sending } from "../calls/sending.ts";
import { callAlone } from "./single.ts";
import type { KVStats } from "../contract/stats.ts";

/** One namespace as its requests see it: its address and its counters. */
export class NamespaceApi {
  readonly requests: Requests;
  readonly stats: KVStats;
  readonly #path: () => string;
  readonly #running: PendingCount;

  /**
   * @param id Returns the namespace's id; called at first use. @throws what `id` throws, at each use until it returns.
   * @param running Counts the calls that share their requests with no other.
   */
  constructor(requests: Requests, id: () => string, running: PendingCount, stats: KVStats) {
    let known: string | undefined;
    this.requests = requests;
    this.stats = stats;
    this.#running = running;
    this.#path = () => (known ??= `/${encodeURIComponent(id())}`);
  }

  /** The path of the namespace, and of what is in it. */
  path(rest = ""): string {
    return this.#path() + rest;
  }

  /** The path of what belongs to one key. */
  keyPath(kind: "values" | "metadata", key: string): string {
    return `${this.#path()}/${kind}/${encodeURIComponent(key)}`;
  }

  /** Sends a call that somebody waits for. */
  send<Result>(call: ApiCall<Result>, sending: Sending): Promise<Result> {
    return this.requests.send(call, sending, this.stats);
  }

  /** Makes a call that shares its request with no other. */
  call<Result>(call: ApiCall<Result>, options: KVCallOptions): Promise<Result> {
    return this.#running.during(callAlone(this.requests, call, options, this.stats));
  }
}
