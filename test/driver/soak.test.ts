import { expect, test } from "vitest";
import { soak } from "../support/soak.ts";

// `pnpm soak` does the same for a minute.
test("load on a server that fails and is killed twice loses nothing", async () => {
  const figures = await soak({ operations: 500 });
  expect(figures).toMatchObject({ kills: 2, lost: [], staleReads: [] });
  expect(figures.operations).toBeGreaterThanOrEqual(500);
  expect(figures.acknowledgedWrites).toBeGreaterThan(200);
  expect(figures.retries).toBeGreaterThan(0);
});
