import type { Context } from "../context.ts";
import { tell } from "../print.ts";
import type { Display } from "./display.ts";

const FEW_SECONDS_MS = 3000;

/** Plain lines every few seconds, if there is no terminal. */
export const lines = (context: Context): Display => ({
  intervalMs: FEW_SECONDS_MS,
  show: (meter) =>
    tell(context, `kvplug ${meter.verb}: ${meter.percent === undefined ? "" : `${meter.percent} `}${meter.line()}`),
  note: (text) => tell(context, `kvplug: ${text}`),
  end: () => {},
  summary: (meter) => tell(context, `kvplug ${meter.verb}: ${meter.summary()}`),
});

/** Objects, one a line: for programs. */
export const json = (context: Context): Display => ({
  intervalMs: FEW_SECONDS_MS,
  show: (meter) => tell(context, JSON.stringify({ event: "progress", ...meter.figures() })),
  note: (text) => tell(context, JSON.stringify({ event: "note", text })),
  end: () => {},
  summary: (meter) => tell(context, JSON.stringify({ event: "done", ...meter.figures() })),
});

/** Nothing but what went wrong. */
export const quiet = (context: Context): Display => ({
  intervalMs: FEW_SECONDS_MS,
  show: () => {},
  note: (text) => tell(context, `kvplug: ${text}`),
  end: () => {},
  summary: () => {},
});
