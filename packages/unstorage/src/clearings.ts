import { clearPrefix, clearsItself, LaterPuts, PendingPromises, type KVNamespace } from "@kvplug/core/seam";

/** What is being cleared, and what is put meanwhile: a clear deletes what was put before its call, and nothing else. */
export class Clearings {
  readonly #running: Set<LaterPuts> = new Set();
  readonly #puts: PendingPromises = new PendingPromises();

  /** Takes note of a put. */
  put(name: string, putting: Promise<void>): Promise<void> {
    for (const later of this.#running) later.add(name, putting);
    return this.#puts.add(putting);
  }

  async clear(kv: KVNamespace<any>, prefix: string): Promise<void> {
    if (clearsItself(kv)) return clearPrefix(kv, prefix);
    const later = new LaterPuts(kv, prefix);
    this.#running.add(later);
    try {
      // What is still being put is in no listing.
      await this.#puts.settled();
      await later.clear();
    } finally {
      this.#running.delete(later);
    }
  }
}
