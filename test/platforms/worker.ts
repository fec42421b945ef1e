/**
 * A Worker over the REST API: one client for all of its requests, opened where the module is loaded.
 *
 * @module
 */
import { withCache } from "@kvplug/cache";
import { createClient, createKV, type KVOptions } from "@kvplug/core";

declare const OPTIONS: KVOptions & { namespaceId: string };

const { namespaceId, ...account } = OPTIONS;
const kv = createKV(OPTIONS);
const client = createClient(account);

const ROUTES: Record<string, (key: string) => unknown> = {
  /** Each way to read, at once. */
  async read(key) {
    const cached = withCache(kv, { max: 10, deadline: 60_000 });
    const own = client.kv(namespaceId);
    return Promise.all([kv.get(key), own.get(key), kv.getWithMetadata(key), cached.get(key), kv.get([key, "other"])]);
  },
  /** What one request writes, it reads. */
  async write(key) {
    const written = kv.put(key, `of ${key}`);
    const found = await kv.get(key);
    await written;
    return found;
  },
  async all() {
    const large = "né€😀".repeat(100_000);
    await kv.putMany([
      { key: "large", value: large },
      { key: "other", value: large },
    ]);
    await kv.put("bytes", new Uint8Array(2_000_000).fill(200), { metadata: 1 });
    await kv.put("stream", new Blob(["in ", "pieces"]).stream());
    const source = new ReadableStream({
      start: (controller) => controller.enqueue(new Uint8Array(9)),
      pull: (controller) => controller.error(new Error("the source failed")),
    });
    const failure = await kv.put("stream", source).catch((error: Error) => error.message);
    const names: string[] = [];
    for await (const { name } of kv.keys()) names.push(name);
    return {
      large: (await kv.get("large")) === large,
      bytes: (await kv.get("bytes", "arrayBuffer"))!.byteLength,
      metadata: await kv.getMetadata("bytes"),
      stream: await new Response((await kv.get("stream", "stream")) as ReadableStream).text(),
      failure,
      names,
      title: (await client.namespaces.find("test"))?.title,
      deleted: await kv.clear(),
    };
  },
};

export default {
  async fetch(request: Request): Promise<Response> {
    const [route, key] = new URL(request.url).pathname.slice(1).split("/") as [string, string];
    return Response.json(await ROUTES[route]!(key));
  },
};
