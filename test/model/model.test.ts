import { expect, test } from "vitest";
import { checkPrograms } from "./check.ts";

/** The same ones each time: `pnpm test:full` and `pnpm model` look for others. */
const SEED = 1;

test("2,000 random programs against an unkind API break no law", async () => {
  const { resolved, rejected, requests, late } = await checkPrograms({ programs: 2000, seed: SEED });
  // That much went well, and much did not, is what makes them worth running.
  for (const count of [resolved, rejected, requests]) expect(count).toBeGreaterThan(1000);
  expect(late).toBeGreaterThan(20);
});
