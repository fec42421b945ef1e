import { exactTime } from "@kvplug/core/seam";
import { afterEach, expect, test, vi } from "vitest";

afterEach(() => void vi.useRealTimers());

/** What a test may fake beside `performance`. */
const BESIDE: (NonNullable<Parameters<typeof vi.useFakeTimers>[0]>["toFake"] & {})[] = [
  [],
  ["Date"],
  ["setTimeout", "clearTimeout"],
  ["Date", "setTimeout", "clearTimeout"],
];

test.each(BESIDE.map((names) => [names.join() || "nothing else", names] as const))(
  "the clock is that of fake timers for as long as they are there: with %s",
  (_, names) => {
    const before = exactTime();
    vi.useFakeTimers({ toFake: [...names, "performance"] });
    const begun = exactTime();
    vi.advanceTimersByTime(3_600_000);
    expect(exactTime() - begun).toBe(3_600_000);
    vi.useRealTimers();
    expect(exactTime()).toBeGreaterThanOrEqual(before);
    expect(exactTime()).toBeLessThanOrEqual(performance.now());
  },
);
