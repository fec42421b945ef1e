/** What it took to do something, in milliseconds. */
export interface Measured {
  /** Of all threads of the process, in user and system mode. */
  readonly cpu: number;
  readonly elapsed: number;
}

/** Runs something once, on a heap that is swept before. */
export async function measure(run: () => Promise<unknown>): Promise<Measured> {
  globalThis.gc?.();
  const before = process.cpuUsage();
  const started = performance.now();
  await run();
  const elapsed = performance.now() - started;
  const { user, system } = process.cpuUsage(before);
  return { cpu: (user + system) / 1000, elapsed };
}

/** The middle one, or the mean of the two in the middle. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}
