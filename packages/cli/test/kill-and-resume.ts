import { expect } from "vitest";
import { killedOutOfOrder } from "./killed.ts";
import { BULK_WRITE, type Setup } from "./setup.ts";

/**
 * Runs a command as a process, kills it when so many of its bulk writes are answered and those that follow are done, but not
 * answered; resumes it, and kills it again, for each of the numbers; and then resumes it until it is done.
 */
export async function killAndResume(setup: Setup, args: readonly string[], answered: readonly number[]): Promise<void> {
  const relay = await setup.relay(BULK_WRITE);
  for (const [kills, count] of answered.entries()) {
    relay.keep((nth) => nth >= count);
    await using process = await setup.spawn(kills === 0 ? args : [...args, "--resume"]);
    await Promise.race([relay.keeping(), process.ended]);
    process.signal("SIGKILL");
    expect(await process.ended).toMatchObject({ signal: "SIGKILL" });
  }
  relay.release();
  expect(await setup.run([...args, "--resume"])).toMatchObject({ code: 0, stderr: "" });
}

/** Has a command killed with its second page confirmed and its first one done, but not answered. */
export async function killOutOfOrder(setup: Setup, args: readonly string[]): Promise<void> {
  const relay = await setup.relay(BULK_WRITE);
  relay.keep((nth) => nth === 0);
  await using killed = await setup.spawn(args, killedOutOfOrder);
  expect(await killed.ended).toMatchObject({ signal: "SIGKILL" });
  relay.release();
}
