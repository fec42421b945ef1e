import { describe, expect, test } from "vitest";
import { LATENCY, LIMIT, mostInAnyWindow, quantile, readAtRandom } from "../support/unrelated-readers.ts";

/** Longer than a window, so that what was spent at first comes back; the benchmark takes thirty. */
const MINUTES = 7;

/** Tests so many reads a second. */
export function describeReaders(perSecond: readonly number[]): void {
  describe("unrelated readers under the real budget", () => {
    test.for(perSecond)("%i reads a second: no error, no 429, never too many requests, short waits", async (rate) => {
      const { waits, sent, refused, errors } = await readAtRandom(rate, MINUTES);
      expect(errors).toEqual([]);
      expect(refused).toBe(0);
      expect(mostInAnyWindow(sent)).toBeLessThanOrEqual(LIMIT);
      expect(quantile(waits, 0.5)).toBeLessThanOrEqual(400);
      expect(quantile(waits, 0.99)).toBeLessThanOrEqual(3000);
    });

    test("3 reads a second: each goes out at once", async () => {
      const { waits, refused, errors } = await readAtRandom(3, MINUTES);
      expect(errors).toEqual([]);
      expect(refused).toBe(0);
      expect(waits.at(-1)).toBeLessThanOrEqual(LATENCY);
    });
  });
}
