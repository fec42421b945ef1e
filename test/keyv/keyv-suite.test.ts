import { openMiniflare } from "../support/miniflare.ts";
import { startRest } from "../support/rest.ts";
import { describeKeyvSuite } from "./keyv-suite.ts";

describeKeyvSuite("the REST driver", () => startRest());
describeKeyvSuite("Miniflare's env.KV", openMiniflare);
