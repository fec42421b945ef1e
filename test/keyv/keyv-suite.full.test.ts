import { withCache } from "@kvplug/cache";
import { openGateway } from "../support/gateway.ts";
import { startRest } from "../support/rest.ts";
import { describeKeyvSuite } from "./keyv-suite.ts";

describeKeyvSuite("a cache over the REST driver", async () => {
  const { kv, close } = await startRest();
  return { kv: withCache(kv, { max: 1000, deadline: Infinity }), close };
});
// Which is Miniflare's env.KV behind the server's routes: each is tested alone in the short form.
describeKeyvSuite("the REST driver in front of a gateway", openGateway);
