import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { KV, KVPair } from "@kvplug/core";
import { checkOptionNames, type KVNamespace, type Milliseconds } from "@kvplug/core/seam";
import { buildIdOf } from "./build-id.ts";
import type { StoredResponse } from "./entry.ts";
import type { HandlerValue, ResponseHandler } from "./next-contract.ts";
import { MAX_TTL, type NextKV } from "./next-kv.ts";
import { ownResponses } from "./next-own.ts";
import { isWanted } from "./options.ts";
import { pack } from "./packed.ts";
import { report } from "./report.ts";
import { openNextKV } from "./shared.ts";

/** Options of {@link seed}. */
export interface SeedOptions {
  /** The folder of the build, as `distDir` of the config. Default: `".next"`. */
  distDir?: string;
}

/** What Next writes of its build about a page that was rendered then. */
interface Prerendered {
  readonly initialRevalidateSeconds: number | false;
  readonly initialExpireSeconds?: number;
}

/** The kinds of what a build renders, in the order in which Next's own handler looks for them. */
const KINDS = ["APP_PAGE", "APP_ROUTE", "PAGES"] as const;

/**
 * Puts the pages that the build rendered into KV, so that their first visitors find them. It happens once for each build:
 * the first instance does it, in one bulk write for each 100 MB, and the others find out in one read. Does nothing in a
 * build, in development and without credentials, and never rejects: what fails is reported.
 *
 * @returns How many pages were written.
 * @example
 * // instrumentation.ts
 * export async function register() {
 *   if (process.env.NEXT_RUNTIME === "nodejs") await (await import("@kvplug/next")).seed();
 * }
 */
export async function seed(options: SeedOptions = {}): Promise<number> {
  checkOptionNames("seed", options, ["distDir"]);
  const kv = isWanted(process.env["NODE_ENV"] === "development") ? openNextKV() : undefined;
  if (kv === undefined) return 0;
  try {
    return await seedBuild(kv, resolve(options.distDir ?? ".next"));
  } catch (error) {
    report("The pages of the build are not in KV, and the first visit of each makes it anew", error);
    return 0;
  }
}

async function seedBuild(kv: NextKV, distDir: string): Promise<number> {
  const serverDistDir = resolve(distDir, "server");
  const build = buildIdOf(serverDistDir);
  const { mtimeMs } = await stat(resolve(distDir, "BUILD_ID"));
  // Its pages may have been replaced, and their successors be gone by now.
  if (Date.now() - mtimeMs > MAX_TTL * 1000) return 0;
  const marker = kv.nameOf("seeded", build);
  if ((await kv.kv.get(marker)) !== null) return 0;

  const manifest = JSON.parse(await readFile(resolve(distDir, "prerender-manifest.json"), "utf8")) as {
    routes: Record<string, Prerendered>;
  };
  const own = await ownResponses({ serverDistDir, revalidatedTags: [], fs: await nextsFiles() });
  let pages = 0;
  const pairs = async function* (): AsyncGenerator<KVPair> {
    for (const [route, prerendered] of Object.entries(manifest.routes)) {
      const key = route === "/" ? "/index" : route;
      const found = await readPage(own, key);
      if (found === undefined) continue;
      pages++;
      const entry = entryOf(found, prerendered);
      const expirationTtl = Math.max(60, Math.min(MAX_TTL, prerendered.initialExpireSeconds ?? MAX_TTL));
      yield { key: kv.nameOf(`page:${build}`, key), value: JSON.stringify(entry), expirationTtl };
    }
    // Longer than the pages: when these are gone, they are not to come back.
    yield { key: marker, value: new Date().toISOString(), expirationTtl: 2 * MAX_TTL };
  };
  await putMany(kv.kv, pairs());
  return pages;
}

async function readPage(own: ResponseHandler, key: string): Promise<HandlerValue | undefined> {
  for (const kind of KINDS) {
    const found = await own.get(key, { kind, isFallback: false });
    if (found?.value?.kind === kind) return found;
  }
  return undefined;
}

/** The build's tags are judged by the moment: nobody knew of any invalidation then. */
function entryOf({ value, lastModified }: HandlerValue, prerendered: Prerendered): StoredResponse {
  const madeAt: Milliseconds = Math.floor(lastModified);
  const { initialRevalidateSeconds: revalidate, initialExpireSeconds: expire } = prerendered;
  return { madeAt, doneAt: madeAt, seen: {}, revalidate, value: pack(value!), cacheControl: { revalidate, expire } };
}

/** By the driver's own bulk writes, which take what comes in whole bodies, where there is a driver. */
async function putMany(kv: KVNamespace<any> & Partial<Pick<KV, "putMany">>, pairs: AsyncIterable<KVPair>): Promise<void> {
  if (kv.putMany !== undefined) return kv.putMany(pairs);
  for await (const { key, value, ...options } of pairs) await kv.put(key, value, options as { expirationTtl: number });
}
