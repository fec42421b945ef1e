import type { KVCallOptions, KVEntry, KVNamespace, KVStream } from "@kvplug/core/seam";
import { entryOf, MISSING, valueOf, wantOf } from "./content.ts";
import type { ReadThrough } from "./read-through.ts";
import type { Tagging } from "./tagging.ts";
import { waitFor } from "./waiting.ts";

/** Reads values as streams: from a copy if there is one, otherwise directly from the backend. */
export class Streams {
  readonly #backend: KVNamespace<any>;
  readonly #reads: ReadThrough;
  readonly #tagging: Tagging | undefined;

  constructor(backend: KVNamespace<any>, reads: ReadThrough, tagging: Tagging | undefined) {
    this.#backend = backend;
    this.#reads = reads;
    this.#tagging = tagging;
  }

  /** @param metadata Whether to return an entry, with its metadata. */
  async open(key: string, metadata: boolean, options: KVCallOptions): Promise<unknown> {
    // In this turn, unless there is something to wait for: who aborts the call in it is heard.
    const judged = this.#reads.judged(key, options);
    const known = judged ? await judged : this.#reads.known(key, wantOf("stream", metadata));
    if (known !== undefined) return metadata ? entryOf(key, known, "stream") : valueOf(key, known, "stream");
    const opening = this.#ask(key, metadata, { ...options, type: "stream" });
    return waitFor(key, opening, this.#reads.patienceOf(options)).catch((error: unknown) => {
      // Nobody will read what comes later.
      opening.then(cancel).catch(() => {});
      throw error;
    });
  }

  async #ask(key: string, metadata: boolean, options: KVCallOptions & { type: "stream" }): Promise<unknown> {
    const tagging = this.#tagging;
    if (tagging === undefined) {
      return metadata ? this.#backend.getWithMetadata(key, options) : this.#backend.get(key, options);
    }
    const { type: _, ...call } = options;
    const entry: KVEntry<KVStream> = await this.#backend.getWithMetadata(key, options);
    let good: KVEntry<KVStream> | undefined;
    try {
      good = await tagging.settleEntry(entry, call);
    } finally {
      if (good === undefined) await cancel(entry);
    }
    const found = good ?? entryOf(key, MISSING, "stream");
    return metadata ? found : found.value;
  }
}

/** Cancels a stream, or that of an entry. */
async function cancel(opened: unknown): Promise<void> {
  const stream = (opened as Partial<KVEntry<KVStream>> | null)?.value ?? (opened as KVStream | null);
  await stream?.cancel?.();
}
