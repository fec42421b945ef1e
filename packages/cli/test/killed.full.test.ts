import { readFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { bulkWrites, fill, recordsIn, recordsOf, Setup } from "./setup.ts";

/**
 * Runs a command as a process, kills it at some moment after the server has seen so many requests more, and resumes it until
 * it is done. Resolves with how often that was.
 */
async function killAtRandom(setup: Setup, args: readonly string[], seen: () => number, every: number): Promise<number> {
  for (let kills = 0; ; kills++) {
    const until = seen() + every;
    await using process = await setup.spawn(kills === 0 ? args : [...args, "--resume"]);
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

describe("killed at any moment, and resumed", () => {
  test.each(["json", "ndjson.gz"])("an export as %s is the same to the byte", async (format) => {
    await using setup = await Setup.start({ latency: [10, 30] });
    await fill(setup, 6500);
    const [whole, pieces] = [setup.path(`whole.${format}`), setup.path(`pieces.${format}`)];
    expect((await setup.run(["export", "-n", "one", "-o", whole, "-q"])).code).toBe(0);
    const args = ["export", "-n", "one", "-o", pieces, "-q"];
    await killAtRandom(setup, args, () => setup.server.requests.total, 60);
    expect((await readFile(pieces)).equals(await readFile(whole))).toBe(true);
  });

  test("an import writes each page once, save what was under way", async () => {
    await using setup = await Setup.start({ latency: 60 });
    const records = recordsOf(55_000);
    const file = await setup.write("in.ndjson", records);
    const args = ["import", file, "-n", setup.server.namespaces[0]!.id, "-q"];
    const kills = await killAtRandom(setup, args, () => setup.server.requests.total, 3);
    // Two pages are under way at once.
    expect(setup.server.requests.total).toBeLessThanOrEqual(6 + 2 * kills);
    expect(await recordsIn(setup.one)).toBe(records);
  });

  test("a copy writes no page twice but what was under way", async () => {
    await using setup = await Setup.start({ latency: [1, 10] });
    const records = await fill(setup, 24_000);
    const kills = await killAtRandom(setup, ["copy", "one", "two", "-q"], () => bulkWrites(setup), 2);
    expect(bulkWrites(setup)).toBeLessThanOrEqual(3 + 2 * kills);
    expect(await recordsIn(setup.two)).toBe(records);
  });
});
