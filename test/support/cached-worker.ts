/**
 * A Worker whose requests share caches that stand at its top level, over a namespace that takes a while, as KV does.
 */
import { env } from "cloudflare:workers";
import { withCache } from "@kvplug/cache";
import type { KVNamespace } from "@kvplug/core/seam";

const { KV } = env;

/** KV at a distance: a request that ends meanwhile takes the read, or write, with it. */
function slow<Args extends unknown[], Result>(
  call: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  return async (...args) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return call(...args);
  };
}

const cached = withCache(
  {
    get: slow(KV.get.bind(KV) as (...args: any[]) => Promise<any>),
    getWithMetadata: slow(KV.getWithMetadata.bind(KV) as (...args: any[]) => Promise<any>),
    put: slow(KV.put.bind(KV)),
    delete: slow(KV.delete.bind(KV)),
    list: slow(KV.list.bind(KV)),
  } as KVNamespace,
  { max: 1000, ttl: 40, staleWhileRevalidate: 40, deadline: 600_000, tags: true },
);

const CALLS: Record<string, (key: string) => Promise<unknown>> = {
  get: (key) => cached.get(key),
  bytes: async (key) => {
    const bytes = await cached.get(key, "arrayBuffer");
    return bytes && new TextDecoder().decode(bytes);
  },
  entry: async (key) => (await cached.getWithMetadata(key)).value,
  many: async (key) => (await cached.get([key, `other ${key}`])).get(key),
  twice: async (key) => (await Promise.all([cached.get(key), cached.get(key)]))[1],
  wrap: (key) =>
    cached.wrap(
      `wrapped ${key}`,
      slow(async () => `value of ${key}`),
      { ttl: 60, refreshThreshold: 20 },
    ),
  over: async (key) => {
    await cached.put(`wrapped ${key}`, JSON.stringify(`value of ${key}`));
    return cached.get(`wrapped ${key}`, "json");
  },
  tagged: async (key) => {
    const value = `value of ${key}`;
    await cached.put(`tagged ${key}`, value, { tags: [key] });
    // Others may have invalidated it since.
    return (await cached.get(`tagged ${key}`)) ?? value;
  },
  wrapTagged: (key) =>
    cached.wrap(
      `wrapped and tagged ${key}`,
      slow(async () => `value of ${key}`),
      { ttl: 60, tags: [key] },
    ),
  /** Whatever it is of: it makes others read and make anew. */
  invalidate: async (key) => {
    await cached.invalidateTags([key]);
    return `value of ${key}`;
  },
  /** Ends while its value is being stored. */
  abandon: (key) =>
    new Promise((resolve) => {
      const make = (): string => {
        resolve("abandoned");
        return "abandoned";
      };
      cached.wrap(key, make).catch(() => {});
    }),
  put: async (key) => {
    await cached.put(key, `value of ${key}`);
    return cached.get(key);
  },
};

export default {
  async fetch(request: Request): Promise<Response> {
    const { searchParams } = new URL(request.url);
    const name = searchParams.get("call")!;
    if (name === "stats") return Response.json(cached.stats());
    const result = CALLS[name]!(searchParams.get("key")!);
    // It ends before its read does, and nobody waits for that.
    if (searchParams.has("early")) {
      result.catch(() => {});
      return new Response(null, { status: 204 });
    }
    const value = await result.catch((error: unknown) => `failed: ${String(error)}`);
    return Response.json({ value });
  },
};
