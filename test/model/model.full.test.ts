import { expect, test } from "vitest";
import { checkPrograms } from "./check.ts";

const SIX_MINUTES = 6 * 60_000;

test(
  "200,000 random programs, or as many as six minutes allow, break no law",
  { timeout: 2 * SIX_MINUTES },
  async () => {
    const ran = await checkPrograms({ programs: 200_000, until: SIX_MINUTES });
    console.log(`${ran} programs ran.`);
    expect(ran).toBeGreaterThan(1000);
  },
);
