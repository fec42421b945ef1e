import type { Context } from "./context.ts";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

export type EndingSignal = (typeof SIGNALS)[number];

/** Calls back at the first SIGINT or SIGTERM, unless disposed of before. The next one ends the process at once. */
export function onFirstSignal({ signals }: Context, heard: (signal: EndingSignal) => void): Disposable {
  const stop = (): void => {
    for (const each of SIGNALS) signals.off(each, onSignal);
  };
  const onSignal = (signal: EndingSignal): void => {
    stop();
    heard(signal);
  };
  for (const each of SIGNALS) signals.on(each, onSignal);
  return { [Symbol.dispose]: stop };
}
