import { expect, test } from "vitest";
import { barLine } from "../src/progress/bar-line.ts";
import type { LongWorkOptions } from "../src/progress/options.ts";
import { Meter } from "../src/progress/meter.ts";

const SECOND = 1000;

/** A meter of an import on a clock of the test's own. */
function meterOf(options: Partial<LongWorkOptions> = {}): { meter: Meter; pass: (seconds: number) => void } {
  let now = 0;
  const whole = { verb: "import", flags: {}, targets: [], hint: undefined, done: "from in.ndjson", ...options };
  return { meter: new Meter(whole, () => now), pass: (seconds) => (now += seconds * SECOND) };
}

test("the time that is left counts from the beginning of the work, and not from its first answer", () => {
  const { meter, pass } = meterOf();
  pass(4);
  meter.update({ keys: 10, bytes: 100, share: 0.1 });
  expect(meter.left).toBeCloseTo(36 * SECOND);
  pass(4);
  meter.update({ keys: 20, bytes: 200, share: 0.2 });
  expect(meter.left).toBeCloseTo(32 * SECOND);
  expect(meter.line()).toBe("20 keys, 200 B, 3 keys/s, 32 s left");
});

test("a run that goes on counts what it does itself, and says what was done before", () => {
  const { meter, pass } = meterOf({ already: { keys: 50, bytes: 500 } });
  expect(meter.line(["keys", "bytes"])).toBe("50 keys, 500 B");
  pass(4);
  meter.update({ keys: 60, bytes: 600, share: 0.6 });
  expect(meter.left).toBeUndefined();
  pass(4);
  meter.update({ keys: 70, bytes: 700, share: 0.7 });
  expect(meter.left).toBeCloseTo(12 * SECOND);
  expect(meter.summary()).toBe("imported 70 keys (700 B), 50 of them before, from in.ndjson in 8.0 s, 0 requests");
});

test("looking through a file is shown, and is no part of the pace", () => {
  const { meter, pass } = meterOf();
  pass(30);
  meter.check(0.5);
  expect(barLine(meter, 100)).toBe("import ████████████░░░░░░░░░░░░ 50 % checked, nothing written yet");
  pass(30);
  meter.check(1);
  pass(10);
  meter.update({ keys: 100, bytes: 0, share: 0.5 });
  expect(meter.line()).toBe("100 keys, 10 keys/s, 10 s left");
});

test("a bar gives way to the figures, and they to the time that is left", () => {
  const { meter, pass } = meterOf();
  pass(200);
  meter.update({ keys: 1_200_000, bytes: 240_000_000, share: 0.5 });
  expect([100, 80, 60, 40, 20].map((columns) => barLine(meter, columns))).toEqual([
    "import ████████████░░░░░░░░░░░░ 50 % 1,200,000 keys, 240.0 MB, 6,000 keys/s, 3 min 20 s left",
    "import ██████░░░░░░ 50 % 1,200,000 keys, 240.0 MB, 6,000 keys/s, 3 min 20 s left",
    "import ██████░░░░░░ 50 % 1,200,000 keys, 3 min 20 s left",
    "import 50 % 1,200,000 keys, 3 min 20 s l",
    "import 50 % 1,200,00",
  ]);
});
