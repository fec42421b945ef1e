import { describe } from "vitest";
import { standOnGateway } from "../../support/gateway-ground.ts";

const A_THOUSAND = "Miniflare takes seconds to be filled with a thousand keys, and 250 show the same";

standOnGateway({
  "concurrent gets of a thousand keys share the driver's batches": A_THOUSAND,
  "get(keys) of a thousand keys is ten requests, and none the second time": A_THOUSAND,
  "a backend that shows old values for a while": "Miniflare shows each write at once",
});

// What reads and writes most of it: the others are in `cache.full.test.ts`.
describe("a cache over a gateway", async () => {
  await import("../../cache/single-flight.test.ts");
  await import("../../cache/writes.test.ts");
});
