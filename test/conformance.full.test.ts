import { describeSeam } from "./conformance.ts";
import { CACHES, GATEWAYS, STORES } from "./conformance/implementations.ts";

for (const [name, { open, quirks }] of Object.entries({ ...STORES, ...GATEWAYS, ...CACHES })) {
  describeSeam(name, open, { ...quirks, extent: "full" });
}
