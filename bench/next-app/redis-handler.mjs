import { CacheHandler } from "@fortedigital/nextjs-cache-handler";
import createRedisHandler from "@fortedigital/nextjs-cache-handler/redis-strings";
import { createClient } from "@redis/client";

/** As the README of the package has it. Its layer in memory is not one in front of Redis, but another place. */
CacheHandler.onCreation(async () => {
  if (process.env.NEXT_PHASE === "phase-production-build") return { handlers: [] };
  const client = createClient({ url: process.env.REDIS_URL });
  client.on("error", () => {});
  await client.connect();
  const redis = createRedisHandler({ client, keyPrefix: "bench:" });
  return { handlers: [redis] };
});

export default CacheHandler;
