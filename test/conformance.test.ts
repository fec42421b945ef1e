import { openKV } from "@kvplug/server";
import { describeSeam } from "./conformance.ts";
import { movableClock } from "./support/clock.ts";
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
