import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startServer } from "@kvplug/server";
import { expect, test } from "vitest";

const CHILD = fileURLToPath(new URL("../support/session-memory-child.ts", import.meta.url));
const MIB = 1024 * 1024;
const COUNT = 20;
const MAX_BYTES = 3 * MIB;
/** What a process takes that makes requests: connections, code, answers that are on their way. */
const NOISE = 8 * MIB;

test("sessions of 1 MB take no more memory than told, and none where no copies are kept", async () => {
  const server = await startServer({ namespaces: [{ title: "n", id: "n" }] });
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--expose-gc",
    CHILD,
    server.url,
    String(COUNT),
    String(MAX_BYTES),
  ]);
  await server.close();
  const { on, off } = JSON.parse(stdout) as { on: number; off: number };
  // Two stores, a window each.
  expect(on).toBeLessThan(2 * MAX_BYTES + NOISE);
  expect(off).toBeLessThan(NOISE);
});
