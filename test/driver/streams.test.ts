import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test, describe } from "vitest";
import { ALL_BYTES, bytesOf, streamOf } from "../support/bytes.ts";
import { accountOf, useRest } from "../support/rest.ts";

const MIB = 1024 * 1024;

describe("streams", () => {
  const rest = useRest();

  test("25 MiB both ways, byte for byte", async () => {
    const chunk = Buffer.concat(Array.from({ length: MIB / 256 }, () => ALL_BYTES));
    await rest.kv.put("a", streamOf(...Array.from({ length: 25 }, () => chunk)), { metadata: "label" });
    const bytes = Buffer.from(await bytesOf((await rest.kv.get("a", "stream"))!));
    expect(bytes.byteLength).toBe(25 * MIB);
    for (let i = 0; i < 25; i++) expect(bytes.subarray(i * MIB, (i + 1) * MIB).equals(chunk)).toBe(true);
    expect(await rest.kv.getMetadata("a")).toBe("label");
  });

  test("25 MiB both ways take less than 16 MiB of memory", { timeout: 60_000 }, async () => {
    const script = join(import.meta.dirname, "../support/streaming-child.ts");
    const account = { ...accountOf(rest.server), namespaceId: rest.server.namespaces[0]!.id };
    const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", script, JSON.stringify(account)]);
    const growth = JSON.parse(stdout) as Record<string, { live: number; resident: number }>;
    expect(Object.keys(growth)).toEqual(["put", "put with metadata", "get", "a slow get"]);
    for (const [what, { live, resident }] of Object.entries(growth)) {
      expect(live, what).toBeLessThan(16 * MIB);
      expect(resident, what).toBeLessThan(16 * MIB);
    }
  });
});
