import type { Milliseconds } from "../seam/kv-namespace.ts";
import { startTimer } from "../time/timer.ts";
import type { StreamWatch } from "../transport/transport.ts";

/** How often it is looked whether anybody reads a stream that `close()` waits for. */
const LOOK: Milliseconds = 500;

/** Streams that were returned and are not read to the end; each holds a connection. */
export class OpenStreams {
  readonly #open: Set<OpenStream> = new Set();
  #onNone: (() => void) | undefined;

  get count(): number {
    return this.#open.size;
  }

  /** @param controller Ends the stream. */
  add(controller: AbortController): StreamWatch {
    const stream = new OpenStream(controller, () => {
      this.#open.delete(stream);
      if (this.#open.size === 0) this.#onNone?.();
    });
    this.#open.add(stream);
    return stream;
  }

  /** Waits for streams that are being read; one that is not being read ends with this reason. */
  async end(reason: unknown): Promise<void> {
    for (const stream of this.#open) stream.endUnlessBegun(reason);
    while (this.#open.size > 0) {
      await new Promise<void>((resolve) => {
        const timer = startTimer(resolve, LOOK);
        this.#onNone = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      for (const stream of this.#open) stream.endUnlessRead(reason);
    }
  }
}

class OpenStream implements StreamWatch {
  readonly onEnd: () => void;
  readonly #controller: AbortController;
  #isBegun = false;
  #isAwaited = false;
  /** How often it was looked at since somebody read from it. */
  #looks = 0;

  constructor(controller: AbortController, onEnd: () => void) {
    this.#controller = controller;
    this.onEnd = onEnd;
  }

  onPull(): void {
    this.#isBegun = true;
    this.#isAwaited = true;
    this.#looks = 0;
  }

  onChunk(): void {
    this.#isAwaited = false;
    this.#looks = 0;
  }

  endUnlessBegun(reason: unknown): void {
    if (!this.#isBegun) this.#end(reason);
  }

  /** Checks twice: if the process itself was busy, the reader may not have had its turn. */
  endUnlessRead(reason: unknown): void {
    if (!this.#isAwaited && this.#looks++ > 0) this.#end(reason);
  }

  #end(reason: unknown): void {
    this.#controller.abort(reason);
    this.onEnd();
  }
}
