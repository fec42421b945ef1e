import { expect, test } from "vitest";
import { checkPrograms } from "./check.ts";

const SIX_MINUTES = 6 * 60_000;

test(
  "200,000 random programs, or as many as six minutes allow, break no law",
  { timeout: 2 * SIX_MINUTES },
  async () => {
    const tally = await checkPrograms({ programs: 200_000, until: SIX_MINUTES });
    console.log(`${tally.programs} programs ran:`, tally);
    expect(tally.programs).toBeGreaterThan(1000);
  },
);
