import { describeSeam } from "./conformance.ts";
import { CACHES, GATEWAYS, ROUTES, STORES } from "./conformance/implementations.ts";

for (const [name, { open, quirks }] of Object.entries({ ...STORES, ...ROUTES, ...GATEWAYS, ...CACHES })) {
  describeSeam(name, open, { ...quirks, extent: "full" });
}
