import { describeSeam } from "./conformance.ts";
import { CACHES, GATEWAYS, PROXIES, ROUTES, STORES } from "./conformance/implementations.ts";

for (const [name, { open, quirks }] of Object.entries({ ...STORES, ...ROUTES, ...GATEWAYS, ...PROXIES, ...CACHES })) {
  describeSeam(name, open, { ...quirks, extent: "full" });
}
