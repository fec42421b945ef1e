import { exactTime } from "@kvplug/core/seam";
import { afterEach, expect, test, vi } from "vitest";

type Faked = NonNullable<NonNullable<Parameters<typeof vi.useFakeTimers>[0]>["toFake"]>;

afterEach(() => void vi.useRealTimers());

/** What a test may fake. */
const FAKED: Faked[] = [
  ["performance"],
  ["performance", "Date"],
  ["performance", "setTimeout", "clearTimeout"],
  ["performance", "Date", "setTimeout", "clearTimeout"],
];
const cases = FAKED.map((faked) => [faked.join(), faked] as const);

/** Whether time is real again, whatever was on the clock meanwhile. */
function expectRealTime(clock: () => number): void {
  const before = performance.now();
  expect(clock()).toBeGreaterThanOrEqual(before - 1);
  expect(clock()).toBeLessThanOrEqual(performance.now());
}

test.each(cases.slice(1))("the clock is that of fake timers for as long as they are there: %s", (_, toFake) => {
  vi.useFakeTimers({ toFake });
  const begun = exactTime();
  vi.advanceTimersByTime(3_600_000);
  expect(exactTime() - begun).toBe(3_600_000);
  vi.useRealTimers();
  expectRealTime(exactTime);
});

test.each(cases)(
  "the clock is the real one after fake timers that were there when it was loaded: %s",
  async (_, toFake) => {
    vi.useFakeTimers({ toFake });
    vi.resetModules();
    const { exactTime: loaded } = await import("@kvplug/core/seam");
    const begun = loaded();
    vi.advanceTimersByTime(3_600_000);
    expect(loaded() - begun).toBe(3_600_000);
    vi.useRealTimers();
    expectRealTime(loaded);
  },
);

test("where performance alone is fake, the clock goes on as timers do", () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const begun = exactTime();
  vi.advanceTimersByTime(3_600_000);
  expect(exactTime() - begun).toBeLessThan(3_600_000);
  vi.useRealTimers();
  expectRealTime(exactTime);
});
