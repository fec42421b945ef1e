import { Flow } from "@kvplug/core/seam";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { FairQueue } from "../../packages/core/src/calls/fair-queue.ts";

test("what is in no flow comes in the order in which it came", () => {
  const queue = new FairQueue<string>();
  for (const [i, item] of ["a", "b", "c"].entries()) queue.add(item, undefined, i);
  expect([...queue]).toEqual(["a", "b", "c"]);
  expect([queue.first(), queue.turn, queue.size]).toEqual(["a", 0, 3]);
});

test("flows have turns by their weights, however many wait in each", () => {
  const queue = new FairQueue<string>();
  const [heavy, light] = [new Flow(3), new Flow(1)];
  for (let i = 0; i < 100; i++) queue.add(`light ${i}`, light, 0);
  for (let i = 0; i < 100; i++) queue.add(`heavy ${i}`, heavy, 0);
  const first = [...queue].slice(0, 40);
  expect(first.filter((item) => item.startsWith("heavy"))).toHaveLength(30);
});

test("a flow that had nothing waiting comes next, and is not owed what it did not use", () => {
  const queue = new FairQueue<string>();
  const [busy, idle] = [new Flow(1), new Flow(1)];
  for (let i = 0; i < 100; i++) queue.add(`busy ${i}`, busy, 0);
  // A minute later: what is due by then goes before, and no more than that.
  for (let i = 0; i < 3; i++) queue.add(`idle ${i}`, idle, 60_000);
  const places = [...queue].flatMap((item, place) => (item.startsWith("idle") ? [place] : []));
  expect(places).toEqual([61, 63, 65]);
});

test("one that others wait for as well comes with the first of them, and once", () => {
  const queue = new FairQueue<string>();
  const [job, web] = [new Flow(1), new Flow(100)];
  for (let i = 0; i < 10; i++) queue.add(`key ${i}`, job, 0);
  queue.add("key 9", web, 0);
  expect([...queue][0]).toBe("key 9");
  expect([[...queue].length, queue.size]).toEqual([10, 10]);
  expect([queue.delete("key 9"), queue.delete("key 9"), queue.size]).toEqual([true, false, 9]);
});

test("whatever comes and goes, all that is left comes once, and that of a flow in its order", () => {
  const flows = [undefined, new Flow(1), new Flow(7)];
  const step = fc.record({ item: fc.nat(20), flow: fc.nat(2), isGone: fc.boolean(), later: fc.nat(500) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = new FairQueue<number>();
      const expected = new Set<number>();
      let now = 0;
      for (const { item, flow, isGone, later } of steps) {
        now += later;
        if (isGone) {
          expect(queue.delete(item)).toBe(expected.delete(item));
        } else {
          queue.add(item, flows[flow], now);
          expected.add(item);
        }
        expect(queue.size).toBe(expected.size);
      }
      const all = [...queue];
      expect(new Set(all)).toEqual(expected);
      expect(all).toHaveLength(expected.size);
      expect(queue.first()).toBe(all[0]);
      for (const item of all) expect(queue.delete(item)).toBe(true);
      expect(queue.turn).toBe(Number.POSITIVE_INFINITY);
    }),
    { numRuns: 500 },
  );
});
