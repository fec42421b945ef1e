import { setTimeout } from "node:timers/promises";
import { expect } from "vitest";
import type { Setup } from "./setup.ts";

/** How many requests of bulk writes the server has seen. */
export function bulkWrites({ server }: Setup): number {
  let sum = 0;
  for (const [route, count] of Object.entries(server.requests.byRoute)) if (/^PUT .*bulk/.test(route)) sum += count;
  return sum;
}

/**
 * Runs a command, kills it soon after the server has seen so many requests more, and resumes it until it
 * is done. Resolves with how often that was.
 */
export async function killAndResume(
  setup: Setup,
  args: readonly string[],
  seen: () => number,
  every: number,
): Promise<number> {
  for (let kills = 0; ; kills++) {
    const until = seen() + every;
    await using process = setup.start(kills === 0 ? args : [...args, "--resume"]);
    const over = process.ended.then(() => true);
    while (seen() < until && !(await Promise.race([over, setTimeout(2, false)])));
    await setTimeout(Math.random() * 20);
    process.signal("SIGKILL");
    const { code, stderr } = await process.ended;
    if (code === null) continue;
    // The one before may have been killed when all was done.
    if (kills === 0 || !stderr.includes("There is nothing to resume")) expect([code, stderr]).toEqual([0, ""]);
    return kills;
  }
}
