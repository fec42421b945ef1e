import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const API = fileURLToPath(new URL("../support/cheap-api.ts", import.meta.url));
const DRIVER = fileURLToPath(new URL("../support/memory-child.ts", import.meta.url));
const MIB = 1024 * 1024;

/** With how many keys each is tried. */
export interface MemoryCounts {
  readonly keys: readonly number[];
  readonly entries: readonly number[];
  /** Enough to fill all that is kept under way, and more of them. */
  readonly putMany: readonly [few: number, many: number];
  readonly deleteMany: readonly [few: number, many: number];
}

/** Tests that the driver keeps no more in memory than is under way. */
export function testMemory(counts: MemoryCounts): void {
  let grown: Record<string, number[]>;
  let api: ChildProcess | undefined;
  beforeAll(async () => {
    // In a process of its own, and the API in another one: what is measured is the driver alone.
    const child = spawn(process.execPath, [API], { stdio: ["ignore", "pipe", "inherit"] });
    api = child;
    const [baseURL] = (await once(createInterface(child.stdout), "line")) as [string];
    const args = ["--expose-gc", DRIVER, baseURL, JSON.stringify(counts)];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    grown = JSON.parse(stdout) as Record<string, number[]>;
  });
  afterAll(() => void api?.kill());

  test.for(["keys", "entries"])("%s() keeps a page or so", (name) => {
    // The names alone of all keys would take more, and so would the values.
    for (const bytes of grown[name]!) expect(bytes).toBeLessThan(12 * MIB);
  });

  test.for(["putMany", "deleteMany"])("%s() of an async iterable keeps no more than is under way", (name) => {
    const [few, many] = grown[name] as [number, number];
    expect(many).toBeLessThan(96 * MIB);
    expect(many).toBeLessThan(1.25 * few + 4 * MIB);
  });
}
