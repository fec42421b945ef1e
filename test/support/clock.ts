import type { Milliseconds } from "@kvplug/core/seam";
import { afterEach, beforeEach, vi } from "vitest";
import { VirtualTime, type VirtualTimeOptions } from "./virtual-time.ts";

/** A clock that stands still until it is moved, however slow the machine is. */
export function movableClock(): { now: () => Milliseconds; advance: (time: Milliseconds) => void } {
  let now: Milliseconds = Date.now();
  return {
    now: () => now,
    advance: (time) => {
      now += time;
    },
  };
}

/** Stops `Date` and `performance.now()` until they are told to go on, for what has no other clock. Timers run. */
export function standingClock(at: Milliseconds = Date.now()): {
  now: () => Milliseconds;
  advance: (time: Milliseconds) => void;
  stop: () => void;
} {
  vi.useFakeTimers({ toFake: ["Date", "performance"], now: at });
  return {
    now: () => Date.now(),
    advance: (time) => void vi.advanceTimersByTime(time),
    stop: () => void vi.useRealTimers(),
  };
}

/** A {@link standingClock} for each test of a file or block; it stands at the present, unless told otherwise. */
export function useStandingClock(at?: Milliseconds): (time: Milliseconds) => void {
  let clock: ReturnType<typeof standingClock> | undefined;
  beforeEach(() => {
    clock = standingClock(at);
  });
  afterEach(() => clock?.stop());
  return (time) => clock!.advance(time);
}

/** A {@link VirtualTime} for each test of a file or block. */
export function useVirtualTime(
  options?: VirtualTimeOptions,
): Pick<VirtualTime, "now" | "advance" | "setClock" | "until"> {
  let time: VirtualTime | undefined;
  beforeEach(() => {
    time = new VirtualTime(options);
  });
  afterEach(() => time?.[Symbol.dispose]());
  return {
    get now() {
      return time!.now;
    },
    advance: (by) => time!.advance(by),
    setClock: (by) => time!.setClock(by),
    until: (promise) => time!.until(promise),
  };
}
