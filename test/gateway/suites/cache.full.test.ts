import { describe } from "vitest";
import { standOnGateway } from "../../support/gateway-ground.ts";

const TELLS_NO_EXPIRATION = "a binding's reads tell no expiration, and KV's own clock does not stand with the test's";

const A_THOUSAND = "Miniflare takes seconds to be filled with a thousand keys, and 250 show the same";

standOnGateway({
  "concurrent gets of a thousand keys share the driver's batches": A_THOUSAND,
  "get(keys) of a thousand keys is ten requests, and none the second time": A_THOUSAND,
  "no copy of a get outlives its key, fresh or stale": TELLS_NO_EXPIRATION,
  "no copy of a get of bytes outlives its key, fresh or stale": TELLS_NO_EXPIRATION,
  "no copy of get(keys) outlives its key, fresh or stale": TELLS_NO_EXPIRATION,
  "no copy of a put until a moment outlives its key, fresh or stale": TELLS_NO_EXPIRATION,
  "no copy of a put for a time outlives its key, fresh or stale": TELLS_NO_EXPIRATION,
  "it tells when its key expires": TELLS_NO_EXPIRATION,
  "the ttl of wrap > is kept to the millisecond, also below the 60 s of KV, in each process":
    "the key's expiration is by KV's own clock, which does not stand with the test's",
  "a backend that shows old values for a while": "Miniflare shows each write at once",
});

// Not among them: programs.test.ts, whose servers fail and show old values, and what has no backend.
describe("a cache over a gateway", async () => {
  await import("../../cache/callers.test.ts");
  await import("../../cache/copies.test.ts");
  await import("../../cache/single-flight.test.ts");
  await import("../../cache/stale.test.ts");
  await import("../../cache/stats.test.ts");
  await import("../../cache/wrap.test.ts");
  await import("../../cache/writes.test.ts");
});
