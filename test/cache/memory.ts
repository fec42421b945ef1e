import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const API = fileURLToPath(new URL("../support/cheap-api.ts", import.meta.url));
const CHILD = fileURLToPath(new URL("../support/cache-memory-child.ts", import.meta.url));

interface Growth {
  most: number;
  bytes: number;
  entries: number;
  evictions: number;
}

/** Tests that caches take as much memory as they may, and no more. */
export function testMemory(maxBytes: number): void {
  let grown: Record<string, Growth>;
  let api: ChildProcess | undefined;
  beforeAll(async () => {
    // In a process of its own, and the API in another one: what is measured is the cache.
    const child = spawn(process.execPath, [API], { stdio: ["ignore", "pipe", "inherit"] });
    api = child;
    const [baseURL] = (await once(createInterface(child.stdout), "line")) as [string];
    const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", CHILD, baseURL, String(maxBytes)]);
    grown = JSON.parse(stdout) as Record<string, Growth>;
  });
  afterAll(() => void api?.kill());

  test.for(["text", "bytes"])("a cache of %s takes what maxBytes says", (kind) => {
    const { most, bytes, entries, evictions } = grown[kind]!;
    expect(bytes).toBeLessThanOrEqual(maxBytes);
    expect(bytes).toBeGreaterThan(maxBytes - 2048);
    expect(entries + evictions).toBeGreaterThanOrEqual((3 * maxBytes) / 1024);
    expect(most).toBeLessThan(1.5 * maxBytes);
    expect(most).toBeGreaterThan(maxBytes / 2);
  });
}
