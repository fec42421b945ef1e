import type { CacheBus } from "@kvplug/cache";
import type { RedisClientType } from "redis";

/**
 * A bus over Redis pub/sub: to all processes that name the same channel. The client is connected, and
 * closed, by who made it; RESP3, its default, lets one connection publish and listen.
 *
 * Redis keeps no message for who is not there. So whenever the listening begins, or begins again, all
 * copies are taken to be out of date.
 */
export function redisBus(redis: RedisClientType, channel: string): CacheBus {
  return {
    publish: (message) => redis.publish(channel, JSON.stringify(message)),
    async subscribe(listener) {
      const onMessage = (text: string): void => listener(parse(text));
      const forgetAll = (): void => listener({ from: "redis", prefix: "" });
      await redis.subscribe(channel, onMessage);
      forgetAll();
      redis.on("ready", forgetAll);
      return async () => {
        redis.off("ready", forgetAll);
        if (redis.isReady) await redis.unsubscribe(channel, onMessage);
      };
    },
  };
}

/** `undefined` where it is no JSON, which the cache then counts as an error. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
