import cliProgress from "cli-progress";
import type { Meter } from "./meter.ts";
import type { Display } from "./progress.ts";
import { countText } from "./texts.ts";

const REDRAW_MS = 100;
const BAR_CHARACTERS = 24;

/** A progress bar: where there is a terminal. */
export class Bar implements Display {
  readonly intervalMs: number = REDRAW_MS;
  #meter: Meter | undefined;
  readonly #bar: cliProgress.SingleBar = new cliProgress.SingleBar({
    stream: process.stderr,
    barsize: BAR_CHARACTERS,
    barCompleteChar: "█",
    barIncompleteChar: "░",
    clearOnComplete: true,
    hideCursor: true,
    forceRedraw: true,
    format: (options) =>
      this.#meter ? textOf(this.#meter, (share) => cliProgress.Format.BarFormat(share, options)) : "",
  });

  show(meter: Meter): void {
    if (this.#meter === undefined) this.#bar.start(1, 0);
    this.#meter = meter;
    this.#bar.update(meter.share ?? 0);
  }

  note(text: string): void {
    // The bar is drawn again below it.
    process.stderr.write(`\r\u001b[Kkvplug: ${text}\n`);
  }

  end(): void {
    if (this.#meter !== undefined) this.#bar.stop();
  }

  summary(meter: Meter): void {
    console.error(`kvplug ${meter.verb}: ${meter.summary()}`);
  }
}

function textOf(meter: Meter, bar: (share: number) => string): string {
  const { share } = meter;
  const shown = share === undefined ? "" : ` ${bar(share)} ${countText(Math.floor(share * 100))} %`;
  return `${meter.verb}${shown} ${meter.line()}`;
}
