import { afterAll, beforeAll, beforeEach, describe } from "vitest";
import { describeExpiration } from "./conformance/expiration.ts";
import { describeKeys } from "./conformance/keys.ts";
import { describeLimits } from "./conformance/limits.ts";
import { describeListing } from "./conformance/listing.ts";
import { describeMetadata } from "./conformance/metadata.ts";
import { describeReads } from "./conformance/reads.ts";
import type { Extent, OpenedSeam, Quirks, Seam } from "./conformance/seam.ts";
import { describeSizes } from "./conformance/sizes.ts";
import { describeValues } from "./conformance/values.ts";
import { describeWrites } from "./conformance/writes.ts";
import { clear } from "./support/namespace.ts";

/**
 * The suite of the seam: whatever implements `KVNamespace` passes it.
 *
 * @example
 * describeSeam("openKV", async () => {
 *   const kv = openKV();
 *   return { kv, close: () => kv.close() };
 * });
 */
export function describeSeam(
  name: string,
  open: () => Promise<OpenedSeam>,
  { extent = "full", ...quirks }: Quirks & { extent?: Extent } = {},
): void {
  describe(name, () => {
    let opened: OpenedSeam | undefined;
    const seam: Seam = {
      get kv() {
        return opened!.kv;
      },
      now: () => (opened!.now ?? Date.now)(),
      advance: (time) => opened!.advance!(time),
      quirks,
      extent,
    };

    beforeAll(async () => {
      opened = await open();
    });
    beforeEach(() => clear(seam.kv));
    afterAll(() => opened?.close());

    describeReads(seam);
    describeWrites(seam);
    describeMetadata(seam);
    describeExpiration(seam);
    describeKeys(seam);
    describeValues(seam);
    describeListing(seam);
    describeLimits(seam);
    // The last one, as it leaves a thousand names to be deleted.
    if (extent === "full") describeSizes(seam);
  });
}
