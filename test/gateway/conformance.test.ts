import { describeSeam } from "../conformance.ts";
import { startGateway } from "../support/gateway.ts";

describeSeam(
  "the REST driver over a gateway in Cloudflare's runtime",
  async () => {
    const gateway = await startGateway();
    const kv = gateway.open();
    return {
      kv,
      close: async () => {
        await kv.close();
        await gateway.close();
      },
    };
  },
  // What is left of those of the binding.
  { clockStands: true, prefixEndsAtNul: true },
);
