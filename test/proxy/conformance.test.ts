import { describeSeam } from "../conformance.ts";
import { PROXIES } from "../conformance/implementations.ts";

for (const [name, { open, quirks, extent }] of Object.entries(PROXIES)) {
  if (extent !== undefined) describeSeam(name, open, { ...quirks, extent });
}
