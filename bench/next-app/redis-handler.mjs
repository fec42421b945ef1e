import { CacheHandler } from "@fortedigital/nextjs-cache-handler";
import createLruHandler from "@fortedigital/nextjs-cache-handler/local-lru";
import createRedisHandler from "@fortedigital/nextjs-cache-handler/redis-strings";
import { createClient } from "@redis/client";

/** As the README of the package has it, with and without its layer in memory. */
CacheHandler.onCreation(async () => {
  if (process.env.NEXT_PHASE === "phase-production-build") return { handlers: [] };
  const client = createClient({ url: process.env.REDIS_URL });
  client.on("error", () => {});
  await client.connect();
  const redis = createRedisHandler({ client, keyPrefix: "bench:" });
  return { handlers: process.env.BENCH_LRU === "1" ? [createLruHandler(), redis] : [redis] };
});

export default CacheHandler;
