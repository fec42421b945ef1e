import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const API = fileURLToPath(new URL("../support/cheap-api.ts", import.meta.url));
const DRIVER = fileURLToPath(new URL("../support/memory-child.ts", import.meta.url));
const MIB = 1024 * 1024;

/** Enough to fill all that is kept under way, and four times as many. */
const COUNTS = [40_000, 160_000] as const;

// In a process of its own, and the API in another one: what is measured is the driver alone.
const api = spawn(process.execPath, [API], { stdio: ["ignore", "pipe", "inherit"] });
afterAll(() => void api.kill());

let grown: Record<string, number[]>;
beforeAll(async () => {
  const [baseURL] = (await once(createInterface(api.stdout), "line")) as [string];
  const args = ["--expose-gc", DRIVER, baseURL, ...COUNTS.map(String)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  grown = JSON.parse(stdout) as Record<string, number[]>;
}, 120_000);

test.for(["keys", "entries"])("%s() keeps a page or so", (name) => {
  // The names alone of all keys would take more.
  for (const bytes of grown[name]!) expect(bytes).toBeLessThan(12 * MIB);
});

test.for(["putMany", "deleteMany"])("%s() of an async iterable keeps no more than is under way", (name) => {
  const [few, many] = grown[name] as [number, number];
  expect(many).toBeLessThan(96 * MIB);
  expect(many).toBeLessThan(1.25 * few);
});
