import { expect, test } from "vitest";
import { soak } from "../support/soak.ts";

// `pnpm soak` does the same for a minute.
test("five seconds of load on a server that fails and is killed twice lose nothing", { timeout: 90_000 }, async () => {
  const figures = await soak(5000);
  expect(figures).toMatchObject({ kills: 2, lost: [], staleReads: [] });
  expect(figures.operations).toBeGreaterThan(300);
  expect(figures.acknowledgedWrites).toBeGreaterThan(300);
  expect(figures.retries).toBeGreaterThan(0);
});
