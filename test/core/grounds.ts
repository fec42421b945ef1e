import { withCache } from "@kvplug/cache";
import { openMiniflare } from "../support/miniflare.ts";
import { startRest } from "../support/rest.ts";
import type { OpenGround } from "./helpers-suite.ts";

/** Namespaces of every kind. */
export const GROUND_NAMES = ["the REST driver", "a cache over the REST driver", "Miniflare's env.KV"] as const;

export type GroundName = (typeof GROUND_NAMES)[number];

export const GROUNDS: Readonly<Record<GroundName, OpenGround>> = {
  "the REST driver": () => startRest(),
  "a cache over the REST driver": async () => {
    const { kv, close } = await startRest();
    return { kv: withCache(kv, { max: 10_000, deadline: Infinity }), close };
  },
  "Miniflare's env.KV": openMiniflare,
};
