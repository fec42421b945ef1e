import { describeSeam } from "../conformance.ts";
import { GATEWAYS } from "../conformance/implementations.ts";

for (const [name, { open, quirks, extent }] of Object.entries(GATEWAYS)) {
  if (extent !== undefined) describeSeam(name, open, { ...quirks, extent });
}
