import { describe, expect, test } from "vitest";
import { useVirtualTime } from "../support/clock.ts";
import { startRest } from "../support/rest.ts";
import { manyTurns } from "../support/turns.ts";
import { describeCosts } from "./costs.ts";

describeCosts(2000);

describe("what keeps to a pace", () => {
  const time = useVirtualTime();

  test.for([
    ["alone", {}],
    ["and the API's", { writeLimit: true }],
  ] as const)("100 puts of one key, 10 ms apart, at the driver's pace %s: 4 at most", async ([, unkind]) => {
    const { kv, server, close } = await startRest({ now: () => Date.now(), ...unkind }, { writeInterval: 1000 });
    const written: Promise<void>[] = [];
    for (let i = 0; i < 100; i++) {
      written.push(kv.put("a", String(i)));
      time.advance(10);
      await manyTurns();
    }
    expect(await time.until(Promise.all(written))).toHaveLength(100);
    expect(await server.kv("test").get("a")).toBe("99");
    expect(server.requests.total).toBeLessThanOrEqual(4);
    await close();
  });
});
