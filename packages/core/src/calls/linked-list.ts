/** What can be in one {@link LinkedList} at a time; the fields are the list's. */
export interface Linked<Item extends Linked<Item>> {
  before: Item | undefined;
  after: Item | undefined;
  /** Where it is. */
  list: LinkedList<Item> | undefined;
}

/**
 * Items in the order in which they came, each of which may leave from anywhere, all in constant time. An item takes no
 * memory but its own fields: with sets instead, a batched read took half as long again.
 */
export class LinkedList<Item extends Linked<Item>> {
  #first: Item | undefined;
  #last: Item | undefined;
  #size = 0;

  get first(): Item | undefined {
    return this.#first;
  }

  get size(): number {
    return this.#size;
  }

  /** Adds an item that is in no list. */
  add(item: Item): void {
    item.list = this;
    item.before = this.#last;
    if (this.#last === undefined) this.#first = item;
    else this.#last.after = item;
    this.#last = item;
    this.#size++;
  }

  /** Takes an item away; returns whether it was here. */
  delete(item: Item): boolean {
    if (item.list !== this) return false;
    const { before, after } = item;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    item.list = undefined;
    item.before = undefined;
    item.after = undefined;
    this.#size--;
    return true;
  }
}
