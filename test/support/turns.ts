import type { Milliseconds } from "@kvplug/core/seam";
import type { VirtualTime } from "./virtual-time.ts";

/** Resolves after many turns of the event loop: whatever waits for no timer, and for nobody, has happened by then. */
export async function manyTurns(): Promise<void> {
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** Lets time pass, step by step, until a call is settled, though a request waits for its answer. */
export async function passUntil<Result>(
  call: Promise<Result>,
  time: Pick<VirtualTime, "advance">,
  step: Milliseconds,
): Promise<Result> {
  const pending = Symbol("pending");
  while ((await Promise.race([call, manyTurns().then(() => pending)])) === pending) time.advance(step);
  return call;
}
