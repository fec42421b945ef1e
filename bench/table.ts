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

/** A whole number, with separators. */
export function count(number: number): string {
  return number.toLocaleString("en", { maximumFractionDigits: 0 });
}

/** A number to two decimals. */
export function ratio(number: number): string {
  return number.toFixed(2);
}

/** Judges figures, and counts those that miss their goal. */
export class Verdicts {
  missed = 0;

  /** A figure beside the goal that it must not exceed, where there is one. */
  atMost(number: number, goal: number | undefined, show: (number: number) => string): string {
    return goal === undefined ? show(number) : `${this.judge(number <= goal)}: ${show(number)} ≤ ${show(goal)}`;
  }

  /** A figure beside the goal that it must reach, where there is one. */
  atLeast(number: number, goal: number | undefined, show: (number: number) => string): string {
    return goal === undefined ? show(number) : `${this.judge(number >= goal)}: ${show(number)} ≥ ${show(goal)}`;
  }

  judge(met: boolean): "ok" | "MISSED" {
    if (!met) this.missed++;
    return met ? "ok" : "MISSED";
  }
}
