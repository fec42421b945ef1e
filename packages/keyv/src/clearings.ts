import { deleteListed, endOfTick, forEachKey, type KVNamespace } from "@kvplug/core/seam";

/** What is being cleared: from the call on, reads see nothing of it but what was written since. */
export class Clearings {
  readonly #kv: KVNamespace<any>;
  readonly #batchSize: number;
  readonly #running: Set<Clearing> = new Set();

  /** @param batchSize How many keys are deleted at a time. */
  constructor(kv: KVNamespace<any>, batchSize: number) {
    this.#kv = kv;
    this.#batchSize = batchSize;
  }

  /** Whether a record is being cleared. */
  hides(name: string): boolean {
    if (this.#running.size > 0) for (const clearing of this.#running) if (clearing.hides(name)) return true;
    return false;
  }

  /** Resolves when the turns are over in which clearings were called: what is written then is later than they are. */
  async begun(): Promise<void> {
    for (const { begun } of this.#running) await begun;
  }

  /** Tells of a write, which clearings that began in an earlier turn leave alone. */
  wrote(name: string, writing: Promise<unknown>): void {
    for (const clearing of this.#running) clearing.wrote(name, writing);
  }

  /** @param settled Resolves when all is done that was called before. */
  async clear(prefix: string, settled: () => Promise<void>): Promise<void> {
    const clearing = new Clearing(prefix);
    this.#running.add(clearing);
    try {
      await clearing.begun;
      await settled();
      await clearing.run(this.#kv, this.#batchSize);
    } finally {
      this.#running.delete(clearing);
    }
  }
}

class Clearing {
  /** Resolves when the turn of the call is over. What Keyv sets before it clears arrives in that turn, since it makes text of the value first. */
  readonly begun: Promise<void>;
  readonly #prefix: string;
  /** What was written since, and has not failed. */
  #later: Map<string, Promise<unknown>> | undefined;

  constructor(prefix: string) {
    this.#prefix = prefix;
    this.begun = this.#begin();
  }

  async #begin(): Promise<void> {
    await new Promise<void>(endOfTick);
    this.#later = new Map();
  }

  hides(name: string): boolean {
    return name.startsWith(this.#prefix) && !this.#later?.has(name);
  }

  wrote(name: string, writing: Promise<unknown>): void {
    const later = this.#later;
    if (later === undefined || !name.startsWith(this.#prefix)) return;
    later.set(name, writing);
    writing.catch(() => {
      if (later.get(name) === writing) later.delete(name);
    });
  }

  async run(kv: KVNamespace<any>, batchSize: number): Promise<void> {
    const later = this.#later!;
    const kept: string[] = [];
    await deleteListed(kv, this.#prefix, batchSize, (name) => {
      if (later.has(name)) kept.push(name);
      return later.has(name);
    });
    // A later write that fails leaves what was there before.
    await Promise.allSettled(kept.map(async (name) => later.get(name)));
    await forEachKey(
      kept.filter((name) => !later.has(name)),
      (name) => kv.delete(name),
    );
  }
}
