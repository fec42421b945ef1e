import { tracingChannel } from "node:diagnostics_channel";
import { TRACING_CHANNEL, type KVRequestEvent } from "@kvplug/core";
import type { LoggedRequest } from "@kvplug/explorer";

/** What the paths of all namespaces begin with. */
const NAMESPACES = /^.*\/storage\/kv\/namespaces/;

/** Tells of each request that this process sends, by the driver's tracing, and counts them. */
export class UpstreamLog implements Disposable {
  #sent = 0;
  readonly #stop: () => void;

  constructor(tell: (request: LoggedRequest) => void) {
    const begun = new WeakMap<object, { at: number; startedAt: number }>();
    const channel = tracingChannel<"kvplug:request", KVRequestEvent>(TRACING_CHANNEL);
    const subscribers = {
      start: (event: KVRequestEvent): void => {
        this.#sent++;
        begun.set(event, { at: Date.now(), startedAt: performance.now() });
      },
      asyncEnd: (event: KVRequestEvent): void => {
        const { at, startedAt } = begun.get(event) ?? { at: Date.now(), startedAt: performance.now() };
        const { method, path, status = 0 } = event;
        const milliseconds = Math.round(performance.now() - startedAt);
        tell({ at, method, path: path.replace(NAMESPACES, "") || "/", status, milliseconds, isPage: false });
      },
      end: (): void => {},
      asyncStart: (): void => {},
      error: (): void => {},
    };
    channel.subscribe(subscribers);
    this.#stop = () => channel.unsubscribe(subscribers);
  }

  /** How many were sent so far. */
  get sent(): number {
    return this.#sent;
  }

  [Symbol.dispose](): void {
    this.#stop();
  }
}
