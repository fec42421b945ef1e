import { describeSeam } from "../conformance.ts";
import { openGateway } from "../support/gateway.ts";

// What is left of the quirks of the binding.
describeSeam("the REST driver over a gateway in Cloudflare's runtime", openGateway, {
  clockStands: true,
  prefixEndsAtNul: true,
});
