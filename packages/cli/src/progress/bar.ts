import type { Meter } from "./meter.ts";
import type { Display } from "./progress.ts";
import { barLine } from "./bar-line.ts";

const REDRAW_MS = 100;
/** Of a terminal that does not tell its own. */
const COLUMNS = 80;
/** To the beginning of the line, and all of it away. */
const CLEAR = "\r\u001b[K";

/**
 * A progress bar: where there is a terminal. It is one line, and the cursor stays where it is seen: a
 * process that is killed leaves the terminal as it was.
 */
export class Bar implements Display {
  readonly intervalMs: number = REDRAW_MS;

  show(meter: Meter): void {
    // A line that reaches the last column would go on in the next one.
    process.stderr.write(`${CLEAR}${barLine(meter, (process.stderr.columns || COLUMNS) - 1)}`);
  }

  note(text: string): void {
    // The bar is drawn again below it.
    process.stderr.write(`${CLEAR}kvplug: ${text}\n`);
  }

  end(): void {
    process.stderr.write(CLEAR);
  }

  summary(meter: Meter): void {
    console.error(`kvplug ${meter.verb}: ${meter.summary()}`);
  }
}
