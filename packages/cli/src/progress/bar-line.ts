import cliProgress from "cli-progress";
import type { Figure, Meter } from "./meter.ts";

/** What to show, and how long the bar is: from the most to the least. */
const SHAPES: readonly [bar: number, figures: readonly Figure[]][] = [
  [24, ["keys", "bytes", "rate", "budget", "left"]],
  [12, ["keys", "bytes", "rate", "budget", "left"]],
  [12, ["keys", "rate", "budget", "left"]],
  [12, ["keys", "budget", "left"]],
  [0, ["keys", "budget", "left"]],
  [0, ["keys", "left"]],
];

/** The bar and the figures beside it, as many as there is room for. */
export function barLine(meter: Meter, columns: number): string {
  let line = "";
  for (const [bar, figures] of SHAPES) {
    line = `${meter.verb}${shareText(meter, bar)}${meter.line(figures)}`;
    if (line.length <= columns) break;
  }
  return line.slice(0, columns);
}

function shareText({ share, percent }: Meter, characters: number): string {
  if (share === undefined) return " ";
  const bar = characters === 0 ? "" : `${drawn(share, characters)} `;
  return ` ${bar}${percent} `;
}

function drawn(share: number, barsize: number): string {
  const [barCompleteString, barIncompleteString] = ["█".repeat(barsize), "░".repeat(barsize)];
  return cliProgress.Format.BarFormat(share, { barsize, barCompleteString, barIncompleteString, barGlue: "" });
}
