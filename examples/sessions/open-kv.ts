import { createKV, type KV } from "@kvplug/core";
import { startServer } from "@kvplug/server";

/** Cloudflare's KV where `CLOUDFLARE_*` variables say so; else a KV on this machine, for as long as the program runs. */
export async function openKV(): Promise<KV & { closeAll(): Promise<void> }> {
  if (process.env["CLOUDFLARE_API_TOKEN"] !== undefined) {
    const kv = createKV();
    return Object.assign(kv, { closeAll: () => kv.close() });
  }
  const server = await startServer({ latency: 20 });
  const kv = createKV({
    baseURL: server.url,
    accountId: server.account,
    namespaceId: server.namespaces[0]!.id,
    apiToken: "none",
  });
  const closeAll = async (): Promise<void> => {
    await kv.close();
    await server.close();
  };
  return Object.assign(kv, { closeAll });
}
