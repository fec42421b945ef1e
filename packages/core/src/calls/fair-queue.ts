import type { Flow } from "../seam/flow.ts";
import type { Milliseconds } from "../seam/kv-namespace.ts";

/**
 * What waits, in turns: those of no flow when they came, those of a flow when it has its turn. Within a flow, what came
 * first is first.
 */
export class FairQueue<Item> {
  readonly #queues: Map<Flow | undefined, Map<Item, Milliseconds>> = new Map();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds an item, or has one that waits in another flow wait in this one as well. */
  add(item: Item, flow: Flow | undefined, at: Milliseconds): void {
    let queue = this.#queues.get(flow);
    if (queue === undefined) this.#queues.set(flow, (queue = new Map()));
    if (queue.has(item)) return;
    const isNew = this.#queues.size === 1 || !this.#has(item);
    queue.set(item, flow === undefined ? at : flow.next(at));
    if (isNew) this.#size++;
  }

  /** Takes an item away; whether it was there. */
  delete(item: Item): boolean {
    let isGone = false;
    for (const [flow, queue] of this.#queues) {
      if (!queue.delete(item)) continue;
      isGone = true;
      flow?.done();
      // Flows come and go; what is in none stays.
      if (queue.size === 0 && flow !== undefined) this.#queues.delete(flow);
    }
    if (isGone) this.#size--;
    return isGone;
  }

  /** Whose turn it is. */
  first(): Item | undefined {
    return this.#first()?.[0];
  }

  /** When that has its turn; infinitely late where nothing waits. */
  get turn(): Milliseconds {
    return this.#first()?.[1] ?? Number.POSITIVE_INFINITY;
  }

  /** All of them as they have their turns; each may be deleted on the way. */
  *[Symbol.iterator](): Generator<Item> {
    const [only, ...others] = this.#queues.values();
    if (only === undefined) return;
    if (others.length === 0) return yield* only.keys();
    // One that waits in two flows comes once.
    const seen = new Set<Item>();
    const heads = [only, ...others].map((queue) => {
      const entries = queue.entries();
      return { entries, at: entries.next() };
    });
    for (;;) {
      let head: (typeof heads)[number] | undefined;
      for (const one of heads) {
        if (!one.at.done && (head === undefined || one.at.value[1] < head.at.value![1])) head = one;
      }
      if (head === undefined) return;
      const [item] = head.at.value!;
      if (!seen.has(item)) yield item;
      seen.add(item);
      head.at = head.entries.next();
    }
  }

  #first(): [Item, Milliseconds] | undefined {
    let first: [Item, Milliseconds] | undefined;
    for (const queue of this.#queues.values()) {
      for (const entry of queue) {
        if (first === undefined || entry[1] < first[1]) first = entry;
        break;
      }
    }
    return first;
  }

  #has(item: Item): boolean {
    for (const queue of this.#queues.values()) if (queue.has(item)) return true;
    return false;
  }
}
