import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { HeldKeys as Held } from "../src/held-keys.ts";

const MAX_WAIT = 1000;

/** What happens to a key, one after the other: time passes before each. */
interface Step {
  readonly after: number;
  /** Whether those that come later wait for it. */
  readonly holds: boolean;
  /** How long it takes the backend; `undefined`: it never answers. */
  readonly takes: number | undefined;
  readonly deadline: number | undefined;
  /** When its caller leaves. */
  readonly abort: number | undefined;
}

const time = fc.integer({ min: 0, max: 1500 });
const step: fc.Arbitrary<Step> = fc.record({
  after: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 400 })),
  holds: fc.boolean(),
  takes: fc.option(time, { nil: undefined, freq: 8 }),
  deadline: fc.option(time, { nil: undefined, freq: 1 }),
  abort: fc.option(time, { nil: undefined, freq: 1 }),
});

describe.each(["Node.js/24", "Cloudflare-Workers"])("in %s", (userAgent) => {
  let HeldKeys: typeof Held;

  beforeEach(async () => {
    vi.stubGlobal("navigator", { userAgent });
    vi.resetModules();
    ({ HeldKeys } = await import("../src/held-keys.ts"));
    vi.useFakeTimers({
      toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date", "performance"],
    });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  /** Runs a program. @returns Which steps were sent, in the order of that, and how many have settled in the end. */
  async function run(steps: readonly Step[]): Promise<{ sent: number[]; settled: number }> {
    const held = new HeldKeys(MAX_WAIT);
    const sent: number[] = [];
    let settled = 0;
    for (const [i, { after, holds, takes, deadline, abort }] of steps.entries()) {
      await vi.advanceTimersByTimeAsync(after);
      const leaving = new AbortController();
      if (abort !== undefined) setTimeout(() => leaving.abort(new Error("left")), abort);
      const send = async (): Promise<void> => {
        sent.push(i);
        await new Promise<void>((resolve) => takes !== undefined && setTimeout(resolve, takes));
      };
      const done = held.send("key", send, { signal: leaving.signal, ...(deadline !== undefined && { deadline }) });
      if (holds) held.hold("key", done);
      const over = (): void => void settled++;
      done.then(over, over);
    }
    await vi.advanceTimersByTimeAsync(10 * MAX_WAIT);
    return { sent, settled };
  }

  test("writes are sent in the order of their calls, and none waits for good", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const { sent, settled } = await run(steps);
        expect(sent).toEqual(sent.toSorted((a, b) => a - b));
        const unanswered = sent.filter((i) => steps[i]!.takes === undefined).length;
        expect(settled).toBe(steps.length - unanswered);
        expect(vi.getTimerCount()).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  test("one that gives up lets nobody pass those who came before it", async () => {
    const write = { after: 0, holds: false, takes: 0, deadline: undefined, abort: undefined };
    const steps = [
      { ...write, holds: true, takes: 300 },
      write,
      { ...write, holds: true, deadline: 50 },
      { ...write, after: 100 },
    ];
    expect(await run(steps)).toEqual({ sent: [0, 1, 3], settled: 4 });
  });
});
