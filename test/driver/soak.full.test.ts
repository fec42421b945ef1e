import { expect, test } from "vitest";
import { soak } from "../support/soak.ts";

test("ten thousand calls to a server that fails and is killed twice lose nothing", async () => {
  const figures = await soak({ operations: 10_000 });
  expect(figures).toMatchObject({ kills: 2, lost: [], staleReads: [] });
  expect(figures.acknowledgedWrites).toBeGreaterThan(3000);
  expect(figures.retries).toBeGreaterThan(0);
});
