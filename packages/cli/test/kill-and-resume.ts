import { expect } from "vitest";
import { BULK_WRITE, type Setup } from "./setup.ts";

/**
 * Runs a command as a process, kills it when so many of its bulk writes are answered and those that follow are done without
 * that it was told, and resumes it until it is done. Resolves with how often that was.
 */
export async function killAndResume(setup: Setup, args: readonly string[], every: number): Promise<number> {
  const relay = await setup.relay(BULK_WRITE);
  for (let kills = 0; ; kills++) {
    relay.keep((nth) => nth >= every);
    await using process = await setup.spawn(kills === 0 ? args : [...args, "--resume"]);
    const isUnderWay = await Promise.race([relay.keeping().then(() => true), process.ended.then(() => false)]);
    if (isUnderWay) {
      process.signal("SIGKILL");
      expect(await process.ended).toMatchObject({ signal: "SIGKILL" });
      continue;
    }
    const { code, stderr } = await process.ended;
    expect([code, stderr]).toEqual([0, ""]);
    return kills;
  }
}
