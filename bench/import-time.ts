import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { median } from "./measure.ts";

const BUILT = new URL("../packages/core/dist/index.js", import.meta.url);

/** How long imports take in a process of their own, in milliseconds. */
export interface ImportTimes {
  readonly undici: number;
  readonly kvplug: number;
  /** The median of the rounds' ratios. */
  readonly ratio: number;
}

/** Compares the built package with undici, which it stands on; `undefined` where it is not built. */
export function importTimes(rounds: number): ImportTimes | undefined {
  if (!existsSync(BUILT)) return undefined;
  const times = Array.from({ length: rounds }, (_, round) => {
    // The one that goes first finds other caches than the one that follows.
    if (round % 2 === 0) return { undici: importTime("undici"), kvplug: importTime("@kvplug/core") };
    const kvplug = importTime("@kvplug/core");
    return { undici: importTime("undici"), kvplug };
  });
  return {
    undici: median(times.map(({ undici }) => undici)),
    kvplug: median(times.map(({ kvplug }) => kvplug)),
    ratio: median(times.map(({ undici, kvplug }) => kvplug / undici)),
  };
}

function importTime(name: string): number {
  const program = `const at = performance.now(); await import("${name}"); console.log(performance.now() - at);`;
  const flags = ["--conditions=@kvplug/dist", "--input-type=module", "--eval", program];
  return Number(execFileSync(process.execPath, flags, { cwd: import.meta.dirname, encoding: "utf8" }));
}
