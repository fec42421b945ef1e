import type { Figures, JobState, LoggedRequest } from "@kvplug/explorer";
import type { Context as HonoContext } from "hono";
import { streamSSE } from "hono/streaming";

/** Something that a page shows as it happens. */
export type LiveEvent =
  | { readonly event: "figures"; readonly data: Figures }
  | { readonly event: "request"; readonly data: LoggedRequest }
  | { readonly event: "job"; readonly data: JobState };

/** How often to send the figures. */
const INTERVAL_MS = 1000;

/** How many events to keep for a page that does not read: of more, it gets the latest. */
const MOST_WAITING = 2000;

/** Tells the pages that are open what happens. */
export class Live {
  readonly #listeners: Set<(event: LiveEvent) => void> = new Set();
  readonly #end: AbortController = new AbortController();

  emit(event: LiveEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** Answers with events, the figures each second among them, until the page goes away or {@link close} is called. */
  answer(c: HonoContext, figures: () => Figures, beginning: readonly LiveEvent[]): Response {
    return streamSSE(c, async (stream) => {
      let waiting: LiveEvent[] = [...beginning];
      let wake = Promise.withResolvers<void>();
      const listener = (event: LiveEvent): void => {
        waiting.push(event);
        if (waiting.length > MOST_WAITING) waiting.shift();
        wake.resolve();
      };
      const tell = (): void => listener({ event: "figures", data: figures() });
      const end = AbortSignal.any([this.#end.signal, c.req.raw.signal]);
      const onEnd = (): void => wake.resolve();
      end.addEventListener("abort", onEnd);
      stream.onAbort(onEnd);
      this.#listeners.add(listener);
      const timer = setInterval(tell, INTERVAL_MS);
      try {
        tell();
        while (!end.aborted && !stream.aborted) {
          const events = waiting;
          waiting = [];
          wake = Promise.withResolvers();
          for (const { event, data } of events) await stream.writeSSE({ event, data: JSON.stringify(data) });
          if (waiting.length === 0 && !end.aborted && !stream.aborted) await wake.promise;
        }
      } finally {
        clearInterval(timer);
        this.#listeners.delete(listener);
      }
    });
  }

  /** Ends all answers, which would else go on for as long as a page is open. */
  close(): void {
    this.#end.abort();
  }
}
