import type { Command } from "commander";
import { Option } from "commander";
import type { Context } from "../context.ts";
import type { Display } from "./display.ts";
import { Meter } from "./meter.ts";
import type { Done, LongWorkOptions, ProgressFlags } from "./options.ts";

/** Adds the flags of the display. */
export function withProgress(command: Command): Command {
  return command
    .optionsGroup("Progress, on stderr:")
    .addOption(new Option("-q, --quiet", "only failures").conflicts("json"))
    .option("--json", "objects, one a line");
}

/** A display of progress. */
export interface Progress extends AsyncDisposable {
  /** How many keys are done. */
  readonly keys: number;
  /** Tells which share of the source is looked through, before the work begins. */
  check(share: number): void;
  /** Tells how far it has come. */
  update(done: Done): void;
  /** Says something beside the progress. */
  note(text: string): void;
  /** Prints a note that is not a failure. */
  info(text: string): void;
  /** It ends early: shows nothing more. */
  stop(): void;
  /** It is done: shows the summary. */
  done(): void;
}

/** Where some commands show their progress instead. */
const DISPLAYS: WeakMap<Context, Display> = new WeakMap();

/** Has a command show its progress here, whatever its flags say. */
export function showOn(context: Context, display: Display): void {
  DISPLAYS.set(context, display);
}

/** Opens the display that the flags and the terminal ask for. */
export async function openProgress(context: Context, options: LongWorkOptions): Promise<Progress> {
  const meter = new Meter(options);
  const display = DISPLAYS.get(context) ?? (await openDisplay(context, options.flags));
  const timer = setInterval(() => display.show(meter), display.intervalMs).unref();
  let isOver = false;
  const stop = (): void => {
    if (isOver) return;
    isOver = true;
    clearInterval(timer);
    display.end();
  };
  return {
    get keys() {
      return meter.keys;
    },
    check: (share) => meter.check(share),
    update: (done) => meter.update(done),
    note: (text) => display.note(text),
    info(text) {
      if (!options.flags.quiet) display.note(text);
    },
    stop,
    done() {
      stop();
      display.summary(meter);
    },
    async [Symbol.asyncDispose]() {
      stop();
    },
  };
}

async function openDisplay(context: Context, { quiet, json }: ProgressFlags): Promise<Display> {
  if (!quiet && !json && context.stderr.isTTY) return new (await import("./bar.ts")).Bar(context);
  const forms = await import("./lines.ts");
  return (quiet ? forms.quiet : json ? forms.json : forms.lines)(context);
}
