import { describeSeam } from "../conformance.ts";
import { CACHES } from "../conformance/implementations.ts";

for (const [name, { open, quirks, extent }] of Object.entries(CACHES)) {
  if (extent !== undefined) describeSeam(name, open, { ...quirks, extent });
}
