import { Flow } from "@kvplug/core/seam";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { FairQueue, type InTurn } from "../../packages/core/src/calls/fair-queue.ts";

interface Item extends InTurn<Item> {
  readonly name: string;
}

/** A queue of items that are known by their names. */
class Named {
  readonly #queue = new FairQueue<Item>();
  readonly #items = new Map<string, Item>();

  get size(): number {
    return this.#queue.size;
  }

  get turn(): number {
    return this.#queue.turn;
  }

  add(name: string, flow: Flow | undefined, at: number): void {
    this.#queue.add(this.#item(name), flow, at);
  }

  delete(name: string): boolean {
    return this.#queue.delete(this.#item(name));
  }

  first(): string | undefined {
    return this.#queue.first()?.name;
  }

  /** Takes all of them. */
  take(): string[] {
    const all: string[] = [];
    for (let item = this.#queue.first(); item !== undefined; item = this.#queue.first()) {
      all.push(item.name);
      expect(this.#queue.delete(item)).toBe(true);
    }
    return all;
  }

  #item(name: string): Item {
    let item = this.#items.get(name);
    if (item === undefined) {
      item = { name, before: undefined, after: undefined, list: undefined, turn: 0 };
      this.#items.set(name, item);
    }
    return item;
  }
}

test("what is in no flow comes in the order in which it came", () => {
  const queue = new Named();
  for (const [i, item] of ["a", "b", "c"].entries()) queue.add(item, undefined, i);
  expect([queue.first(), queue.turn, queue.size]).toEqual(["a", 0, 3]);
  expect(queue.take()).toEqual(["a", "b", "c"]);
});

test("flows have turns by their weights, however many wait in each", () => {
  const queue = new Named();
  const [heavy, light] = [new Flow(3), new Flow(1)];
  for (let i = 0; i < 100; i++) queue.add(`light ${i}`, light, 0);
  for (let i = 0; i < 100; i++) queue.add(`heavy ${i}`, heavy, 0);
  const first = queue.take().slice(0, 40);
  expect(first.filter((item) => item.startsWith("heavy"))).toHaveLength(30);
});

test("a flow that had nothing waiting comes next, and is not owed what it did not use", () => {
  const queue = new Named();
  const [busy, idle] = [new Flow(1), new Flow(1)];
  for (let i = 0; i < 100; i++) queue.add(`busy ${i}`, busy, 0);
  // A minute later: what is due by then goes before, and no more than that.
  for (let i = 0; i < 3; i++) queue.add(`idle ${i}`, idle, 60_000);
  const places = queue.take().flatMap((item, place) => (item.startsWith("idle") ? [place] : []));
  expect(places).toEqual([61, 63, 65]);
});

test("one that others wait for as well comes with the first of them, and once", () => {
  const queue = new Named();
  const [job, web] = [new Flow(1), new Flow(100)];
  for (let i = 0; i < 10; i++) queue.add(`key ${i}`, job, 0);
  queue.add("key 9", web, 0);
  expect([queue.first(), queue.size]).toEqual(["key 9", 10]);
  expect([queue.delete("key 9"), queue.delete("key 9"), queue.size]).toEqual([true, false, 9]);
  expect(queue.take()).toHaveLength(9);
});

test("whatever comes and goes, all that is left comes once, and that of a flow in its order", () => {
  const flows = [undefined, new Flow(1), new Flow(7)];
  const step = fc.record({ item: fc.nat(20), flow: fc.nat(2), isGone: fc.boolean(), later: fc.nat(500) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = new Named();
      const expected = new Set<string>();
      let now = 0;
      for (const { item: number, flow, isGone, later } of steps) {
        const item = String(number);
        now += later;
        if (isGone) {
          expect(queue.delete(item)).toBe(expected.delete(item));
        } else {
          queue.add(item, flows[flow], now);
          expected.add(item);
        }
        expect(queue.size).toBe(expected.size);
      }
      const all = queue.take();
      expect(new Set(all)).toEqual(expected);
      expect(all).toHaveLength(expected.size);
      expect(queue.size).toBe(0);
      expect(queue.turn).toBe(Number.POSITIVE_INFINITY);
    }),
    { numRuns: 500 },
  );
});
