import type { Display } from "./progress.ts";

const FEW_SECONDS_MS = 3000;

/** Plain lines, every few seconds: where there is no terminal. */
export const lines: Display = {
  intervalMs: FEW_SECONDS_MS,
  show: (meter) =>
    console.error(`kvplug ${meter.verb}: ${meter.percent === undefined ? "" : `${meter.percent} `}${meter.line()}`),
  note: (text) => console.error(`kvplug: ${text}`),
  end: () => {},
  summary: (meter) => console.error(`kvplug ${meter.verb}: ${meter.summary()}`),
};

/** Objects, one a line: for programs. */
export const json: Display = {
  intervalMs: FEW_SECONDS_MS,
  show: (meter) => console.error(JSON.stringify({ event: "progress", ...meter.figures() })),
  note: (text) => console.error(JSON.stringify({ event: "note", text })),
  end: () => {},
  summary: (meter) => console.error(JSON.stringify({ event: "done", ...meter.figures() })),
};

/** Nothing but what went wrong. */
export const quiet: Display = {
  intervalMs: FEW_SECONDS_MS,
  show: () => {},
  note: (text) => console.error(`kvplug: ${text}`),
  end: () => {},
  summary: () => {},
};
