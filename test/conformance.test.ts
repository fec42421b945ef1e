import { describeSeam } from "./conformance.ts";
import { ROUTES, STORES } from "./conformance/implementations.ts";

for (const [name, { open, quirks, extent }] of Object.entries({ ...STORES, ...ROUTES })) {
  if (extent !== undefined) describeSeam(name, open, { ...quirks, extent });
}
