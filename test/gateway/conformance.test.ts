import { withCache } from "@kvplug/cache";
import { describeSeam } from "../conformance.ts";
import { openGateway } from "../support/gateway.ts";

// What is left of the quirks of the binding.
const QUIRKS = { clockStands: true, prefixEndsAtNul: true } as const;

describeSeam("the REST driver over a gateway in Cloudflare's runtime", openGateway, QUIRKS);

describeSeam(
  "a cache over a gateway",
  async () => {
    const { kv, close } = await openGateway();
    return { kv: withCache(kv, { max: 1000, deadline: Infinity }), close };
  },
  QUIRKS,
);
