import { withCache, type CachedKV } from "@kvplug/cache";
import { createKV } from "@kvplug/core";
import { redactURLs } from "@kvplug/core/seam";
import { createClient, type RedisClientType } from "redis";
import { redisBus } from "./redis-bus.ts";

/** A cache of the namespace that the environment names, on a bus over the Redis at this address. */
export async function openCache(url: string): Promise<{ kv: CachedKV; redis: RedisClientType }> {
  let wasThere = false;
  const redis: RedisClientType = createClient({
    url,
    // While Redis is gone, messages are lost rather than hoarded.
    disableOfflineQueue: true,
    socket: {
      // One that comes and goes is waited for; one that never was there is a wrong address.
      reconnectStrategy: (attempt, cause) =>
        wasThere
          ? Math.min(50 * 2 ** attempt, 2_000)
          : new Error(`There is no Redis at ${redactURLs(url)}.`, { cause }),
    },
  });
  // Without a listener, a lost connection would end the process.
  redis.on("error", () => {});
  redis.once("ready", () => (wasThere = true));
  await redis.connect();
  const kv = withCache(createKV(), { max: 10_000, bus: redisBus(redis, "kv:example") });
  return { kv, redis };
}
