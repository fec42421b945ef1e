import type { KeyTable } from "./key-table.ts";
import { matcherOf, type Query, type Sizes } from "./query.ts";

/** The order in which keys are shown: that of the listing, its reverse, or what expires first. */
export type Order = "name" | "name-down" | "expiration";

/** The rows of a table that a query shows. While the table grows at its end, only what is new is looked at. */
export class Rows {
  readonly #table: KeyTable;
  readonly #matches: (row: number) => boolean;
  readonly #order: Order;
  #found: Uint32Array = new Uint32Array(1024);
  #count = 0;
  #seen = 0;

  constructor(table: KeyTable, query: Query, order: Order, sizes: Sizes, now: number = Date.now() / 1000) {
    this.#table = table;
    this.#matches = matcherOf(query, table, sizes, now);
    this.#order = order;
  }

  /** The rows, in their order, as of now. */
  update(): Uint32Array {
    const { size } = this.#table;
    if (size > this.#found.length) {
      const larger = new Uint32Array(Math.max(size, 2 * this.#found.length));
      larger.set(this.#found);
      this.#found = larger;
    }
    for (; this.#seen < size; this.#seen++) {
      if (this.#matches(this.#seen)) this.#found[this.#count++] = this.#seen;
    }
    const listed = this.#found.subarray(0, this.#count);
    switch (this.#order) {
      case "name":
        return listed;
      case "name-down":
        return listed.toReversed();
      case "expiration": {
        const when = (row: number): number => this.#table.expiration(row) ?? Number.POSITIVE_INFINITY;
        return listed.toSorted((a, b) => compare(when(a), when(b)) || a - b);
      }
    }
  }
}

function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
