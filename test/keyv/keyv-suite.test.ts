import { withCache } from "@kvplug/cache";
import { openMiniflare } from "../support/miniflare.ts";
import { startRest } from "../support/rest.ts";
import { describeKeyvSuite } from "./keyv-suite.ts";

describeKeyvSuite("the REST driver", () => startRest());
describeKeyvSuite("a cache over the REST driver", async () => {
  const { kv, close } = await startRest();
  return { kv: withCache(kv, { max: 1000, deadline: Infinity }), close };
});
describeKeyvSuite("Miniflare's env.KV", openMiniflare);
