import { expect, test } from "vitest";
import { soak } from "./support/soak.ts";

test("a minute of load on a server that fails and is killed twice loses nothing", async () => {
  const figures = await soak(60_000);
  expect(figures).toMatchObject({ kills: 2, lost: [], staleReads: [] });
  expect(figures.acknowledgedWrites).toBeGreaterThan(300);
  expect(figures.retries).toBeGreaterThan(0);
});
