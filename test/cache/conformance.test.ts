import { withCache } from "@kvplug/cache";
import { describeSeam } from "../conformance.ts";
import { standingClock } from "../support/clock.ts";
import { openMiniflare } from "../support/miniflare.ts";
import { startRest } from "../support/rest.ts";

describeSeam("a cache over the REST driver", async () => {
  const { now, advance, stop } = standingClock();
  const { kv, close } = await startRest({ now });
  return { kv: withCache(kv, { max: 1000, deadline: Infinity }), advance, close: () => close().finally(stop) };
});

describeSeam("a cache over a cache over the REST driver", async () => {
  const { now, advance, stop } = standingClock();
  const { kv, close } = await startRest({ now });
  const inner = withCache(kv, { maxBytes: 2 ** 20, deadline: Infinity });
  return { kv: withCache(inner, { max: 10, deadline: Infinity }), advance, close: () => close().finally(stop) };
});

describeSeam(
  "a cache over Miniflare",
  async () => {
    const { kv, close } = await openMiniflare();
    return { kv: withCache(kv, { max: 1000, deadline: Infinity }), close };
  },
  // What the cache checks, and what it asks for anew, Miniflare has no say in.
  { clockStands: true, prefixEndsAtNul: true },
);
