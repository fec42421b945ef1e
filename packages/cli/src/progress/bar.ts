import cliProgress from "cli-progress";
import type { Context } from "../context.ts";
import { tell } from "../print.ts";
import { columnsOf } from "../terminal.ts";
import { barLine } from "./bar-line.ts";
import type { Meter } from "./meter.ts";
import type { Display } from "./display.ts";

const REDRAW_MS = 100;

/**
 * A progress bar: where there is a terminal. It is one line, and leaves cursor and wrapping alone: a
 * process that is killed leaves the terminal as it was.
 */
export class Bar implements Display {
  readonly intervalMs: number = REDRAW_MS;
  readonly #context: Context;
  #meter: Meter | undefined;
  readonly #bar: cliProgress.SingleBar;

  constructor(context: Context) {
    const { stderr } = context;
    this.#context = context;
    this.#bar = new cliProgress.SingleBar({
      stream: stderr,
      clearOnComplete: true,
      forceRedraw: true,
      gracefulExit: false,
      hideCursor: false,
      linewrap: true,
      // A line that reaches the last column would go on in the next one.
      format: () => (this.#meter ? barLine(this.#meter, columnsOf(stderr) - 1) : ""),
    });
  }

  show(meter: Meter): void {
    const isNew = this.#meter === undefined;
    this.#meter = meter;
    if (isNew) this.#bar.start(1, 0);
    this.#bar.update(meter.share ?? 0);
  }

  note(text: string): void {
    // It begins again below, since it ends where it began.
    this.end();
    tell(this.#context, `kvplug: ${text}`);
  }

  end(): void {
    if (this.#meter !== undefined) this.#bar.stop();
    this.#meter = undefined;
  }

  summary(meter: Meter): void {
    tell(this.#context, `kvplug ${meter.verb}: ${meter.summary()}`);
  }
}
