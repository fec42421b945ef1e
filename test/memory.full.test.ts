import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const API = fileURLToPath(new URL("support/cheap-api.ts", import.meta.url));
const DRIVER = fileURLToPath(new URL("support/memory-child.ts", import.meta.url));
const MIB = 1024 * 1024;

test("going through a million keys takes no more memory than going through some", async () => {
  // In a process of its own, and the API in another one: what is measured is the driver alone.
  const api = spawn(process.execPath, [API], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [baseURL] = (await once(createInterface(api.stdout), "line")) as [string];
    const args = ["--expose-gc", DRIVER, baseURL, "160000", "1000000"];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const { keys, entries, putMany, deleteMany } = JSON.parse(stdout) as Record<string, [some: number, many: number]>;
    // The names alone of all keys would take more.
    for (const grown of [keys!, entries!]) expect(Math.max(...grown)).toBeLessThan(12 * MIB);
    for (const [some, many] of [putMany!, deleteMany!]) {
      expect(many).toBeLessThan(96 * MIB);
      expect(many).toBeLessThan(1.25 * some);
    }
  } finally {
    api.kill();
  }
}, 600_000);
