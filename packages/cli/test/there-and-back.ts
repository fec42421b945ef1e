import { expect } from "vitest";
import type { Setup } from "./setup.ts";

/** Exports a text and bytes of this size from `one`, and imports them into `two`. */
export async function thereAndBack(setup: Setup, size: number): Promise<void> {
  await setup.one.put("text", "ü".repeat(size / 2));
  await setup.one.put("bytes", Buffer.alloc(size, 0xff));
  const out = setup.path("out.ndjson.gz");
  expect(await setup.run(["export", "-n", "one", "-o", out, "-q"])).toMatchObject({ code: 0, stderr: "" });
  expect(await setup.run(["import", out, "-n", "two", "-q"])).toMatchObject({ code: 0, stderr: "" });
  for (const key of ["text", "bytes"]) {
    const [was, is] = await Promise.all([setup.one.get(key, "arrayBuffer"), setup.two.get(key, "arrayBuffer")]);
    expect(Buffer.from(was!).equals(Buffer.from(is!))).toBe(true);
  }
}
