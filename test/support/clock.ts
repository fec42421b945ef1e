import type { Milliseconds } from "@kvplug/core/seam";

/** A clock that runs ahead of the real one by as much as it is told. */
export function movableClock(): { now: () => Milliseconds; advance: (time: Milliseconds) => void } {
  let ahead: Milliseconds = 0;
  return {
    now: () => Date.now() + ahead,
    advance: (time) => {
      ahead += time;
    },
  };
}
