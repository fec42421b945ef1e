import { truncate } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { Setup } from "./setup.ts";
import { thereAndBack } from "./there-and-back.ts";

describe("at the limits", () => {
  test("values of 25 MiB, text and bytes", async () => {
    await using setup = await Setup.start();
    await thereAndBack(setup, 25 * 1024 * 1024);
  });

  test("a file with a line that is longer than any record", async () => {
    await using setup = await Setup.start();
    const file = await setup.write("in", "\n");
    // A hole: it takes no room.
    await truncate(file, 20_000_000_000);
    const { code, stderr } = await setup.run(["import", file, "-n", "one", "-q"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^kvplug: .*, line 2: it is longer than any record can be\.\n$/);
  });
});
