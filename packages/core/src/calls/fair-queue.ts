import type { Flow } from "../seam/flow.ts";
import type { Milliseconds } from "../seam/kv-namespace.ts";

/** What waits, and from when it has its turn. */
type Queue<Item> = Map<Item, Milliseconds>;

/**
 * What waits, in turns: those of no flow when they came, those of a flow when it has its turn. Within a flow, what came
 * first is first.
 */
export class FairQueue<Item> {
  readonly #ofNoFlow: Queue<Item> = new Map();
  readonly #flows: Map<Flow, Queue<Item>> = new Map();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds an item, or has one that waits in another flow wait in this one as well. */
  add(item: Item, flow: Flow | undefined, at: Milliseconds): void {
    const queue = flow === undefined ? this.#ofNoFlow : this.#queueOf(flow);
    if (queue.has(item)) return;
    if (this.#flows.size === 0 || !this.#has(item)) this.#size++;
    queue.set(item, flow === undefined ? at : flow.next(at));
  }

  /** Takes an item away; whether it was there. */
  delete(item: Item): boolean {
    let isGone = this.#ofNoFlow.delete(item);
    if (this.#flows.size > 0) {
      for (const [flow, queue] of this.#flows) {
        if (!queue.delete(item)) continue;
        isGone = true;
        flow.done();
        if (queue.size === 0) this.#flows.delete(flow);
      }
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
  [Symbol.iterator](): IterableIterator<Item> {
    return this.#flows.size === 0 ? this.#ofNoFlow.keys() : this.#merged();
  }

  *#merged(): Generator<Item> {
    // One that waits in two flows comes once.
    const seen = new Set<Item>();
    const heads = [this.#ofNoFlow, ...this.#flows.values()].map((queue) => {
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
    let first = headOf(this.#ofNoFlow);
    if (this.#flows.size === 0) return first;
    for (const queue of this.#flows.values()) {
      const head = headOf(queue);
      if (head !== undefined && (first === undefined || head[1] < first[1])) first = head;
    }
    return first;
  }

  #queueOf(flow: Flow): Queue<Item> {
    let queue = this.#flows.get(flow);
    if (queue === undefined) this.#flows.set(flow, (queue = new Map()));
    return queue;
  }

  #has(item: Item): boolean {
    if (this.#ofNoFlow.has(item)) return true;
    for (const queue of this.#flows.values()) if (queue.has(item)) return true;
    return false;
  }
}

function headOf<Item>(queue: Queue<Item>): [Item, Milliseconds] | undefined {
  return queue.entries().next().value;
}
