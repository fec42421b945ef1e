import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { KVStats } from "@kvplug/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startGateway, type RunningGateway } from "../../support/gateway.ts";
import { listAll } from "../../support/namespace.ts";

const CHILD = fileURLToPath(new URL("../../support/gateway-child.ts", import.meta.url));
const KEYS = 50;

/** The test that so many drivers, in a process each, share a gateway. */
export function testProcesses(count: number): void {
  let gateway: RunningGateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway.close());

  test(`${count} processes at once see no 429, and lose nothing`, async () => {
    const names = Array.from({ length: count }, (_, i) => `process-${i}`);
    const outcomes = await Promise.all(
      names.map(async (name) => {
        const args = [CHILD, JSON.stringify(gateway.options()), name, String(KEYS)];
        const { stdout } = await promisify(execFile)(process.execPath, args);
        return JSON.parse(stdout) as { lost: string[]; stats: KVStats };
      }),
    );
    for (const { lost, stats } of outcomes) {
      expect(lost).toEqual([]);
      expect(stats).toMatchObject({ rateLimited: 0, retries: 0, writtenKeys: 1.5 * KEYS + 3 });
    }
    const kept = names.flatMap((name) => Array.from({ length: KEYS / 2 }, (_, i) => `${name}:${2 * i}`));
    const kv = await gateway.bound();
    expect((await listAll(kv)).map(({ name }) => name)).toEqual([...kept, "shared"].toSorted());
    expect(await kv.get("shared")).toMatch(/^process-\d+:2$/);
  });
}
