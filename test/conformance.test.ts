import { withCache } from "@kvplug/cache";
import { openKV } from "@kvplug/server";
import { describeSeam } from "./conformance.ts";
import { movableClock, standingClock } from "./support/clock.ts";
import { lostInBulkReads, openMiniflare } from "./support/miniflare.ts";
import { startRest } from "./support/rest.ts";

describeSeam("the REST driver", async () => {
  const { now, advance } = movableClock();
  const { kv, close } = await startRest({ now });
  return { kv, advance, close };
});

describeSeam("the REST driver over fetch", async () => {
  const { now, advance } = movableClock();
  const { kv, close } = await startRest({ now }, { fetch });
  return { kv, advance, close };
});

describeSeam("openKV", async () => {
  const { now, advance } = movableClock();
  const kv = openKV({ now });
  return { kv, advance, close: () => kv.close() };
});

describeSeam("Miniflare", openMiniflare, {
  clockStands: true,
  bulkReadsLose: lostInBulkReads,
  // What is missing in a bulk read is `null`, with metadata or without.
  nullForMissingEntries: true,
  refusesNoKeys: true,
  // Its decoder takes the mark off.
  bulkReadsDropByteOrderMark: true,
  // It compares the prefix with SQLite's substr(), for which a text ends at a NUL.
  prefixEndsAtNul: true,
  // Arguments are converted as Web IDL does: numbers to integers, text to well-formed text, and members
  // that are unknown to nothing.
  roundsNumbers: true,
  replacesLoneSurrogates: true,
  ignoresUnknownOptions: true,
});

describeSeam("a cache over the REST driver", async () => {
  const { now, advance, stop } = standingClock();
  const { kv, close } = await startRest({ now });
  return { kv: withCache(kv, { max: 1000 }), advance, close: () => close().finally(stop) };
});

describeSeam("a cache over a cache over the REST driver", async () => {
  const { now, advance, stop } = standingClock();
  const { kv, close } = await startRest({ now });
  const inner = withCache(kv, { maxBytes: 2 ** 20 });
  return { kv: withCache(inner, { max: 10 }), advance, close: () => close().finally(stop) };
});

describeSeam(
  "a cache over Miniflare",
  async () => {
    const { kv, close } = await openMiniflare();
    return { kv: withCache(kv, { max: 1000 }), close };
  },
  // What the cache checks, and what it asks for anew, Miniflare has no say in.
  { clockStands: true, prefixEndsAtNul: true },
);
