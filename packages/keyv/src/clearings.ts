import { endOfTick, LaterPuts, type KVNamespace } from "@kvplug/core/seam";

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

  /** Records a write; clearings that began in an earlier turn keep it. */
  wrote(name: string, writing: Promise<unknown>): void {
    for (const { later } of this.#running) later?.add(name, writing);
  }

  /** @param settled Resolves when all is done that was called before. */
  async clear(prefix: string, settled: () => Promise<void>): Promise<void> {
    const clearing = new Clearing(this.#kv, prefix);
    this.#running.add(clearing);
    try {
      await clearing.begun;
      await settled();
      await clearing.later!.clear(this.#batchSize);
    } finally {
      this.#running.delete(clearing);
    }
  }
}

class Clearing {
  /**
   * Resolves at the end of the call's turn. What Keyv sets before it clears arrives in that turn, since Keyv serialises
   * the value first.
   */
  readonly begun: Promise<void>;
  /** What was written since. */
  later: LaterPuts | undefined;
  readonly #kv: KVNamespace<any>;
  readonly #prefix: string;

  constructor(kv: KVNamespace<any>, prefix: string) {
    this.#kv = kv;
    this.#prefix = prefix;
    this.begun = this.#begin();
  }

  async #begin(): Promise<void> {
    await new Promise<void>(endOfTick);
    this.later = new LaterPuts(this.#kv, this.#prefix);
  }

  hides(name: string): boolean {
    return name.startsWith(this.#prefix) && !this.later?.has(name);
  }
}
