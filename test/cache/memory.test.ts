import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const API = fileURLToPath(new URL("../support/cheap-api.ts", import.meta.url));
const CHILD = fileURLToPath(new URL("../support/cache-memory-child.ts", import.meta.url));
const MAX_BYTES = 64 * 1024 * 1024;

interface Growth {
  most: number;
  bytes: number;
  entries: number;
  evictions: number;
}

// In a process of its own, and the API in another one: what is measured is the cache.
const api = spawn(process.execPath, [API], { stdio: ["ignore", "pipe", "inherit"] });
afterAll(() => void api.kill());

let grown: Record<string, Growth>;
beforeAll(async () => {
  const [baseURL] = (await once(createInterface(api.stdout), "line")) as [string];
  const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", CHILD, baseURL, String(MAX_BYTES)]);
  grown = JSON.parse(stdout) as Record<string, Growth>;
}, 120_000);

test.for(["text", "bytes"])("a cache of %s takes what maxBytes says", (kind) => {
  const { most, bytes, entries, evictions } = grown[kind]!;
  expect(bytes).toBeLessThanOrEqual(MAX_BYTES);
  expect(bytes).toBeGreaterThan(MAX_BYTES - 2048);
  expect(entries + evictions).toBeGreaterThanOrEqual((3 * MAX_BYTES) / 1024);
  expect(most).toBeLessThan(1.5 * MAX_BYTES);
  expect(most).toBeGreaterThan(MAX_BYTES / 2);
});
