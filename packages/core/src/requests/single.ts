import { aboutKey } from "../seam/about-key.ts";
import type { ApiCall } from "./api-call.ts";
import { Caller } from "../calls/caller.ts";
import { flowOf } from "../seam/flow.ts";
import type { KVCallOptions } from "../seam/kv-namespace.ts";
import type { Requests } from "./requests.ts";
import { Sending } from "../calls/sending.ts";
import type { KVStats } from "../contract/stats.ts";

/**
 * Makes a call that shares its request with no other.
 *
 * @throws {KVError} if the call fails, or at the deadline; the signal's reason if it is aborted.
 */
export function callAlone<Result>(
  requests: Requests,
  call: ApiCall<Result>,
  options: KVCallOptions,
  stats: KVStats,
): Promise<Result> {
  const caller = new Single<Result>(requests, options, call.key);
  requests.send(call, caller.sending, stats).then(
    (result) => caller.resolve(result),
    (error: unknown) => caller.reject(error),
  );
  return caller.promise;
}

class Single<Result> extends Caller<Result> {
  readonly sending: Sending;
  readonly #requests: Requests;
  readonly #key: string | undefined;

  constructor(requests: Requests, options: KVCallOptions, key: string | undefined) {
    super(requests, options);
    this.sending = new Sending(this, false, flowOf(options));
    this.#requests = requests;
    this.#key = key;
  }

  protected override leaveAll(): void {
    this.sending.cancel();
  }

  protected override lateError(): unknown {
    const error = this.#requests.lateError(this.sending, this.deadline);
    return this.#key === undefined ? error : aboutKey(error, this.#key, "read");
  }
}
