import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Input } from "../src/bulk/files/input.ts";
import { readRecords } from "../src/bulk/formats/read-records.ts";
import { contextOf } from "./command.ts";

/** Opens a file of this content. */
export async function fileOf(content: string | Uint8Array): Promise<Input> {
  const folder = await mkdtemp(join(tmpdir(), "kvplug-records-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "in"), content);
  return Input.open(contextOf([]), join(folder, "in"));
}

/** Reads records; resolves with their keys. */
export async function keysOf(content: string | Uint8Array): Promise<string[]> {
  const keys: string[] = [];
  for await (const records of readRecords(await fileOf(content))) {
    for (const record of records) {
      try {
        keys.push(record.read().key);
      } catch (error) {
        throw new Error(`${record.place}: ${(error as Error).message}`, { cause: error });
      }
    }
  }
  return keys;
}

/** Tests records whose values have so many MiB. */
export function describeLargeRecords(size: number): void {
  test(`records of ${size} MiB pass, as text, escapes and base64`, async () => {
    const bytes = size * 1024 * 1024;
    const records = [
      `{"key":"a","value":"${"x".repeat(bytes)}"}`,
      `{"key":"b","value":"${String.raw`\u0007`.repeat(bytes)}"}`,
      `{"key":"c","base64":true,"value":"${Buffer.alloc(bytes).toString("base64")}"}`,
    ];
    expect(await keysOf(records.join("\n"))).toEqual(["a", "b", "c"]);
    expect(await keysOf(`[${records.join(",")}]`)).toEqual(["a", "b", "c"]);
  });
}
