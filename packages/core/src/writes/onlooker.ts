import { Caller } from "../calls/caller.ts";
import { deadlinePassed } from "../calls/deadlines.ts";
import type { KVCallOptions } from "../seam/kv-namespace.ts";
import { quoteKey } from "../seam/validate.ts";
import type { Requests } from "../requests/requests.ts";
import type { Write } from "./write.ts";

/** Waits until a write is over, without being a reason to send it: resolves with whether it was confirmed. */
export class Onlooker extends Caller<boolean> {
  readonly #key: string;
  readonly #stop: () => void;

  constructor(requests: Requests, options: KVCallOptions, write: Write) {
    super(requests, options);
    this.#key = write.key;
    this.#stop = write.onOver((confirmed) => this.resolve(confirmed));
  }

  protected override leaveAll(): void {
    this.#stop();
  }

  protected override lateError(): unknown {
    const key = this.#key;
    return deadlinePassed(this.deadline, `while an earlier write of ${quoteKey(key)} was under way.`, { key });
  }
}
