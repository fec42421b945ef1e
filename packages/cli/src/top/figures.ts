/** The figures of one reading, by where they are: `cache.hits`. */
export type Figures = ReadonlyMap<string, number>;

/** All numbers of what a program publishes, however deep; what is no number is left out. */
export function figuresOf(published: unknown): Figures {
  const figures = new Map<string, number>();
  const walk = (value: unknown, path: readonly string[]): void => {
    if (typeof value === "number") figures.set(path.join("."), value);
    else if (typeof value === "object" && value !== null)
      for (const [name, below] of Object.entries(value)) walk(below, [...path, name]);
  };
  walk(published, []);
  return figures;
}

/** One line of the display. */
export interface Row {
  readonly name: string;
  readonly value: number;
  /** How much it grew a second; `undefined` for the first reading, and for what is no count. */
  readonly rate: number | undefined;
}

/** What `stats()` and `budget()` tell that is no count: what is there now. */
const LEVELS: ReadonlySet<string> = new Set(["entries", "bytes", "left", "opensIn", "window", "running"]);

/** The figures as rows, with how they changed. */
export function rowsOf(now: Figures, before: Figures | undefined, seconds: number): Row[] {
  const rows: Row[] = [];
  for (const [name, value] of now) {
    const last = LEVELS.has(name.slice(name.lastIndexOf(".") + 1)) ? undefined : before?.get(name);
    rows.push({ name, value, rate: last === undefined ? undefined : Math.max(0, value - last) / seconds });
  }
  return rows;
}

/** Of the reads between two readings, which share a cache answered; by cache. */
export function hitRatesOf(now: Figures, before: Figures | undefined): Map<string, number> {
  const rates = new Map<string, number>();
  for (const name of now.keys()) {
    if (!/(^|\.)hits$/.test(name)) continue;
    const of = name.slice(0, -"hits".length);
    const grown = (figure: string): number => (now.get(of + figure) ?? 0) - (before?.get(of + figure) ?? 0);
    const [hits, misses] = [grown("hits") + grown("stale"), grown("misses")];
    if (hits + misses > 0) rates.set(of.slice(0, -1) || "cache", hits / (hits + misses));
  }
  return rates;
}
