/** What it took to do something, in milliseconds. */
export interface Measured {
  /** Of all threads of the process, in user and system mode. */
  readonly cpu: number;
  readonly elapsed: number;
}

/** Runs something once, without the garbage of what ran before. (A full sweep would throw away compiled code.) */
export async function measure(run: () => Promise<unknown>): Promise<Measured> {
  globalThis.gc?.({ type: "minor" });
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
