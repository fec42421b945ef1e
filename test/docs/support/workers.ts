import { join } from "node:path";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import type { Block } from "./blocks.ts";
import { fileOf, FOLDER } from "./written.ts";

/** Workers of the documentation, in Cloudflare's own runtime. */
export interface RunningWorkers {
  urlOf(block: Block): Promise<string>;
  close(): Promise<void>;
}

/** Bundles Workers as wrangler does, and starts them, each with namespaces of its own under the names that the pages bind. */
export async function startWorkers(
  blocks: readonly Block[],
  secrets: Readonly<Record<string, string>>,
): Promise<RunningWorkers> {
  const workers = blocks.map(async (block) => {
    const { outputFiles } = await build({
      entryPoints: [join(FOLDER, fileOf(block))],
      bundle: true,
      format: "esm",
      target: "es2023",
      conditions: ["workerd", "worker", "browser"],
      external: ["cloudflare:*", "node:*"],
      write: false,
    });
    return {
      name: fileOf(block),
      modules: true as const,
      script: outputFiles[0]!.text,
      compatibilityDate: "2026-01-01",
      compatibilityFlags: ["nodejs_compat"],
      kvNamespaces: { KV: `${block.place}:KV`, SESSIONS: `${block.place}:SESSIONS` },
      bindings: secrets,
      unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
    };
  });
  const miniflare = new Miniflare(convertV4MiniflareOptions({ workers: await Promise.all(workers) }));
  await miniflare.ready;
  return {
    urlOf: async (block) => (await miniflare.unsafeGetDirectURL(fileOf(block))).origin,
    close: () => miniflare.dispose(),
  };
}
