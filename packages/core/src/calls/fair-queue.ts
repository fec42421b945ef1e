import type { Flow } from "../seam/flow.ts";
import type { Milliseconds } from "../seam/kv-namespace.ts";
import { LinkedList, type Linked } from "./linked-list.ts";

/** What can wait in one {@link FairQueue} at a time; the fields are the queue's. */
export interface InTurn<Item extends InTurn<Item>> extends Linked<Item> {
  /** From when it has its turn among those of no flow. */
  turn: Milliseconds;
}

/**
 * What waits, in turns: those of no flow when they came, those of a flow when it has its turn. Within a flow, what came
 * first is first.
 */
export class FairQueue<Item extends InTurn<Item>> {
  readonly #ofNoFlow: LinkedList<Item> = new LinkedList();
  /** Those of each flow, and when each has its turn. */
  readonly #flows: Map<Flow, Map<Item, Milliseconds>> = new Map();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds an item, or has one that waits in another flow wait in this one as well. */
  add(item: Item, flow: Flow | undefined, at: Milliseconds): void {
    const isNew = !this.#has(item);
    if (flow === undefined) {
      if (item.list !== undefined) return;
      item.turn = at;
      this.#ofNoFlow.add(item);
    } else {
      const queue = this.#queueOf(flow);
      if (queue.has(item)) return;
      queue.set(item, flow.next(at));
    }
    if (isNew) this.#size++;
  }

  /** Takes an item away; returns whether it was there. */
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
    return this.#flows.size === 0 ? this.#ofNoFlow.first : this.#soonest().item;
  }

  /** When that has its turn; infinitely late where nothing waits. */
  get turn(): Milliseconds {
    return this.#flows.size === 0 ? this.#turnOfNoFlow : this.#soonest().turn;
  }

  get #turnOfNoFlow(): Milliseconds {
    return this.#ofNoFlow.first?.turn ?? Number.POSITIVE_INFINITY;
  }

  #soonest(): { item: Item | undefined; turn: Milliseconds } {
    let soonest = { item: this.#ofNoFlow.first, turn: this.#turnOfNoFlow };
    for (const queue of this.#flows.values()) {
      const [item, turn] = queue.entries().next().value!;
      if (turn < soonest.turn) soonest = { item, turn };
    }
    return soonest;
  }

  #queueOf(flow: Flow): Map<Item, Milliseconds> {
    let queue = this.#flows.get(flow);
    if (queue === undefined) this.#flows.set(flow, (queue = new Map()));
    return queue;
  }

  #has(item: Item): boolean {
    if (item.list !== undefined) return true;
    if (this.#flows.size > 0) for (const queue of this.#flows.values()) if (queue.has(item)) return true;
    return false;
  }
}
