import { describe } from "vitest";
import { standOnGateway } from "../../support/gateway-ground.ts";

standOnGateway({
  "cache-manager 6 > tells failures to onError and answers misses": "it closes a local server of its own",
  "cache-manager 7 > tells failures to onError and answers misses": "it closes a local server of its own",
});

describe("cache-manager over a gateway", async () => {
  await import("../../cache-manager/cache-manager.test.ts");
});
