import { expect, test } from "vitest";
import { checkPrograms } from "./check.ts";

test("2,000 random programs against an unkind API break no law", async () => {
  expect(await checkPrograms({ programs: 2000 })).toBeGreaterThan(0);
});
