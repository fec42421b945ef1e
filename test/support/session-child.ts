/** Writes a session faster than KV takes it, waits for nothing, and ends. The environment leads to KV. */
import { setImmediate } from "node:timers/promises";
import { KVSessions } from "@kvplug/session";

const sessions = new KVSessions({ durability: "behind" });
for (let n = 1; n <= 5; n++) {
  await sessions.set("one", { n });
  // Each in a turn of its own, so that it is a write of its own.
  await setImmediate();
}
