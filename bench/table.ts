/**
 * How figures are shown, each with the goal it is held against.
 *
 * @module
 */

/** Text in columns: the first is set to the left, all others to the right. */
export function row(widths: readonly number[], cells: readonly string[]): string {
  const padded = cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)));
  return padded.join("  ").trimEnd();
}

/** A count, or a measure to three digits. */
export function figure(number: number): string {
  return number.toLocaleString("en", number < 100 ? { maximumSignificantDigits: 3 } : { maximumFractionDigits: 0 });
}

/** Judges figures, and counts those that miss their goal. */
export class Verdicts {
  missed = 0;

  /** A figure beside the goal that it must not exceed. */
  atMost(number: number, goal: number | undefined, unit = ""): string {
    return goal === undefined
      ? figure(number) + unit
      : `${figure(number)}${unit} (≤ ${figure(goal)} ${this.judge(number <= goal)})`;
  }

  /** A figure beside the goal that it must reach. */
  atLeast(number: number, goal: number | undefined, unit = ""): string {
    return goal === undefined
      ? figure(number) + unit
      : `${figure(number)}${unit} (≥ ${figure(goal)} ${this.judge(number >= goal)})`;
  }

  judge(met: boolean): "ok" | "MISSED" {
    if (!met) this.missed++;
    return met ? "ok" : "MISSED";
  }
}
