import { expect, test } from "vitest";
import { BUN, denoWith, run } from "./platforms.ts";

// All else that is to hold on them is in `pnpm test:full`.
test.for([
  ["Bun", BUN],
  ["Deno", denoWith("--allow-all")],
] as const)("%s runs the driver, the cache, the adapters and the server", async ([, platform]) => {
  expect(await run(platform, "program.ts", [])).toBe("all is well\n");
});

test("in Deno the driver needs leave for the network alone", async () => {
  const denied = await run(denoWith("--allow-net=127.0.0.1"), "program-without-environment.ts", []);
  expect(JSON.parse(denied)).toEqual({
    "without options": "KV_CONFIG",
    "with a dispatcher": "KV_INVALID",
    "with all that it needs": "KV_NETWORK",
  });
});
