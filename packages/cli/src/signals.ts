const SIGNALS = ["SIGINT", "SIGTERM"] as const;

export type EndingSignal = (typeof SIGNALS)[number];

/** Resolves with the first SIGINT or SIGTERM. The next one ends the process at once, as if nobody listened. */
export function firstSignal(): Promise<EndingSignal> {
  return new Promise((resolve) => {
    const onSignal = (signal: EndingSignal): void => {
      for (const each of SIGNALS) process.off(each, onSignal as () => void);
      resolve(signal);
    };
    for (const each of SIGNALS) process.on(each, onSignal as () => void);
  });
}
