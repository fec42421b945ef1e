import { describeSeam } from "./conformance.ts";
import { STORES } from "./conformance/implementations.ts";

for (const [name, { open, quirks, extent }] of Object.entries(STORES)) {
  if (extent !== undefined) describeSeam(name, open, { ...quirks, extent });
}
