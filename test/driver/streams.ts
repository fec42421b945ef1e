import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test, describe } from "vitest";
import { ALL_BYTES, bytesOf, streamOf } from "../support/bytes.ts";
import { accountOf, useRest } from "../support/rest.ts";

const MIB = 1024 * 1024;

/** How much memory streams may take, in MiB: `live` is in use; `resident` is what the process holds, compiled code and all. */
export interface StreamMemory {
  readonly live: number;
  readonly resident?: number;
}

/** Tests streams of so many MiB. */
export function describeStreams(size: number, memory: StreamMemory): void {
  describe("streams", () => {
    const rest = useRest();

    test(`${size} MiB both ways, byte for byte`, async () => {
      const chunk = Buffer.concat(Array.from({ length: MIB / 256 }, () => ALL_BYTES));
      await rest.kv.put("a", streamOf(...Array.from({ length: size }, () => chunk)), { metadata: "label" });
      const bytes = Buffer.from(await bytesOf((await rest.kv.get("a", "stream"))!));
      expect(bytes.byteLength).toBe(size * MIB);
      for (let i = 0; i < size; i++) expect(bytes.subarray(i * MIB, (i + 1) * MIB).equals(chunk)).toBe(true);
      expect(await rest.kv.getMetadata("a")).toBe("label");
    });

    test(`${size} MiB both ways take less than ${memory.live} MiB of memory`, async () => {
      const script = fileURLToPath(new URL("../support/streaming-child.ts", import.meta.url));
      const account = { ...accountOf(rest.server), namespaceId: rest.server.namespaces[0]!.id };
      const args = ["--expose-gc", script, JSON.stringify(account), String(size)];
      const { stdout } = await promisify(execFile)(process.execPath, args);
      const growth = JSON.parse(stdout) as Record<string, { live: number; resident: number }>;
      expect(Object.keys(growth)).toEqual(["put", "put with metadata", "get", "a slow get"]);
      for (const [what, { live, resident }] of Object.entries(growth)) {
        expect(live, what).toBeLessThan(memory.live * MIB);
        expect(resident, what).toBeLessThan((memory.resident ?? Infinity) * MIB);
      }
    });
  });
}
