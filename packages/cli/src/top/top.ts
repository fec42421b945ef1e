import { setTimeout } from "node:timers/promises";
import { redactURLs, type Milliseconds } from "@kvplug/core/seam";
import { createLogUpdate } from "log-update";
import { usageError } from "../command-error.ts";
import { LOCAL_URL } from "../connect/settings.ts";
import { variable, type Context } from "../context.ts";
import { printLine } from "../print.ts";
import { escapeControls, escapeLines } from "../printable.ts";
import { countText } from "../progress/texts.ts";
import { onFirstSignal } from "../signals.ts";
import { withColumns } from "../terminal.ts";
import { figuresOf, hitRatesOf, rowsOf, type Figures } from "./figures.ts";
import { readPublished } from "./read-published.ts";

export interface TopFlags {
  interval: number;
  count?: number;
  token?: string;
  json?: true;
}

/** Where `kvplug serve` publishes its counts. */
const LOCAL: string = new URL("/stats", LOCAL_URL).href;

/** Shows what a program publishes, again and again, until a signal or the count ends it. */
export async function top(
  context: Context,
  url: string = LOCAL,
  { interval, count, token, json }: TopFlags,
): Promise<void> {
  if (redactURLs(url) !== url) throw usageError("The URL must not contain a user name or password: add --token.");
  const stop = new AbortController();
  using _listening = onFirstSignal(context, () => stop.abort());
  // That of the local server: it is for no address that was merely given.
  const localToken = variable(context.env, "KVPLUG_TOKEN");
  const isScreen = context.stdout.isTTY && !json;
  const screen = createLogUpdate(withColumns(context.stdout), { showCursor: true });
  let [before, readAt]: [Figures | undefined, Milliseconds] = [undefined, 0];
  for (let readings = 1; !stop.signal.aborted; readings++) {
    const published = await readPublished(url, token ?? (url === LOCAL ? localToken : undefined));
    const [figures, now] = [figuresOf(published), performance.now()];
    if (json) await printLine(context, JSON.stringify({ at: new Date().toISOString(), ...(published as object) }));
    else {
      const text = table(figures, before, (now - readAt) / 1000);
      if (isScreen) screen(escapeLines(`${url}\n\n${text}\n\nCtrl-C stops it.`));
      else await printLine(context, `${text}\n`);
    }
    [before, readAt] = [figures, now];
    if (readings === count) break;
    await setTimeout(interval * 1000, undefined, { signal: stop.signal }).catch(() => {});
  }
  if (isScreen) screen.done();
}

function table(now: Figures, before: Figures | undefined, seconds: number): string {
  const rows = rowsOf(now, before, seconds).map(({ name, value, rate }) => [
    escapeControls(name),
    countText(value),
    rate === undefined ? "" : `${countText(rate)}/s`,
  ]);
  for (const [cache, rate] of hitRatesOf(now, before))
    rows.push([`${escapeControls(cache)} hit rate`, `${(rate * 100).toFixed(1)} %`, ""]);
  const widths = [0, 1, 2].map((column) => Math.max(0, ...rows.map((row) => row[column]!.length)));
  return rows
    .map(([name, value, rate]) =>
      `${name!.padEnd(widths[0]!)}  ${value!.padStart(widths[1]!)}  ${rate!.padStart(widths[2]!)}`.trimEnd(),
    )
    .join("\n");
}
