import { existsSync, readFileSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { KV, KVPair } from "@kvplug/core";
import {
  checkOptionNames,
  KVError,
  MAX_VALUE_BYTES,
  MIN_EXPIRATION_TTL_SECONDS,
  utf8Length,
  waitAtMost,
  type KVNamespace,
  type Milliseconds,
  type Seconds,
} from "@kvplug/core/seam";
import { buildIdOf } from "./build-id.ts";
import type { StoredResponse } from "./entry.ts";
import type { CacheControl, ResponseHandler } from "./next-contract.ts";
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

/** What the build recorded about a page that it rendered. */
interface Page {
  /** A path, or the pattern of a dynamic route, whose page is a shell for all of its paths. */
  readonly route: string;
  readonly isFallback: boolean;
  readonly cacheControl: CacheControl;
}

/** The kinds of pages that a build renders, in the order in which to look for them. */
const KINDS = ["APP_PAGE", "APP_ROUTE", "PAGES"] as const;

/** The part of `prerender-manifest.json` that is read here. */
interface Manifest {
  readonly routes: Readonly<
    Record<string, { readonly initialRevalidateSeconds: Seconds | false; readonly initialExpireSeconds?: Seconds }>
  >;
  readonly dynamicRoutes?: Readonly<
    Record<
      string,
      {
        readonly fallback?: string | false | null;
        readonly fallbackRevalidate?: Seconds | false;
        readonly fallbackExpire?: Seconds;
      }
    >
  >;
}

/**
 * Puts the pages that the build rendered into KV, so that their first visitors find them. It happens once for each build:
 * the first instance does it, in one bulk write for each 100 MB, and the others see that in one read. Does nothing in a
 * build, in development and without credentials, and never rejects: failures are reported.
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
  // Its pages may have been replaced, and the newer ones may have expired by now.
  if (Date.now() - mtimeMs > MAX_TTL * 1000) return 0;
  const marker = kv.nameOf("seeded", build);
  if (await isThere(kv, marker)) return 0;

  const pages = pagesIn(JSON.parse(await readFile(resolve(distDir, "prerender-manifest.json"), "utf8")) as Manifest);
  const own = await ownResponses({
    serverDistDir,
    revalidatedTags: [],
    fs: { readFile, stat, existsSync, readFileSync },
  });
  let written = 0;
  const pairs = async function* (): AsyncGenerator<KVPair> {
    for (const page of pages) {
      const pair = await readPage(kv, own, build, serverDistDir, page);
      if (pair === undefined) continue;
      written++;
      yield pair;
    }
    // It outlives the pages, so that they do not come back once they have expired.
    yield { key: marker, value: new Date().toISOString(), expirationTtl: 2 * MAX_TTL };
  };
  await putMany(kv.kv, pairs());
  return written;
}

/** Whether a key is there; rejects at the deadline: the server starts once this is known. */
function isThere({ kv, settings }: NextKV, key: string): Promise<boolean> {
  const { deadline } = settings;
  const options = { type: "text", deadline } as const;
  const found = kv.get(key, options).then((value) => value !== null);
  return waitAtMost(found, deadline, (_resolve, reject) =>
    reject(new KVError("KV_TIMEOUT", `KV did not answer within ${deadline} ms.`)),
  );
}

function pagesIn({ routes, dynamicRoutes = {} }: Manifest): Page[] {
  const pages: Page[] = [];
  for (const [route, { initialRevalidateSeconds: revalidate, initialExpireSeconds: expire }] of Object.entries(
    routes,
  )) {
    pages.push({ route, isFallback: false, cacheControl: { revalidate, expire } });
  }
  for (const [route, { fallback, fallbackRevalidate, fallbackExpire }] of Object.entries(dynamicRoutes)) {
    if (typeof fallback !== "string") continue;
    const cacheControl = { revalidate: fallbackRevalidate ?? false, expire: fallbackExpire };
    pages.push({ route, isFallback: true, cacheControl });
  }
  return pages;
}

/** Reads a page as Next's own handler does; `undefined` where the build did not leave one. */
async function readPage(
  kv: NextKV,
  own: ResponseHandler,
  build: string,
  serverDistDir: string,
  { route, isFallback, cacheControl }: Page,
): Promise<KVPair | undefined> {
  const path = route === "/" ? "/index" : route;
  const key = (await keyInMeta(serverDistDir, path)) ?? path;
  for (const kind of KINDS) {
    const found = await own.get(key, { kind, isFallback, isRoutePPREnabled: true });
    if (found === null || found.value?.kind !== kind) continue;
    const madeAt: Milliseconds = Math.floor(found.lastModified);
    const entry: StoredResponse = {
      madeAt,
      // Nothing was known of its tags. Their invalidations are judged by the moment.
      seen: {},
      doneAt: madeAt,
      revalidate: cacheControl.revalidate,
      cacheControl,
      value: pack(found.value),
    };
    const expirationTtl = Math.max(MIN_EXPIRATION_TTL_SECONDS, Math.min(MAX_TTL, cacheControl.expire ?? MAX_TTL));
    const value = JSON.stringify(entry);
    const bytes = utf8Length(value);
    if (bytes > MAX_VALUE_BYTES) {
      const limit = new Error(`It has ${bytes} bytes, and a value of KV may have ${MAX_VALUE_BYTES}.`);
      report(`The page ${key} of the build is made anew by each process`, limit);
      return undefined;
    }
    return { key: kv.nameOf(`page:${build}`, key), value, expirationTtl };
  }
  return undefined;
}

/** The key by which Next asks for a page: newer releases write it beside the page, and older ones ask by the path. */
async function keyInMeta(serverDistDir: string, path: string): Promise<string | undefined> {
  for (const folder of ["app", "pages"]) {
    try {
      const meta = JSON.parse(await readFile(join(serverDistDir, folder, `${path}.meta`), "utf8")) as {
        routeCache?: { key?: string };
      };
      return meta.routeCache?.key;
    } catch {}
  }
  return undefined;
}

/** Uses the driver's `putMany`, which fills whole bodies, if there is a driver. */
async function putMany(
  kv: KVNamespace<any> & Partial<Pick<KV, "putMany">>,
  pairs: AsyncIterable<KVPair>,
): Promise<void> {
  if (kv.putMany !== undefined) return kv.putMany(pairs);
  for await (const { key, value, expirationTtl = MAX_TTL } of pairs) await kv.put(key, value, { expirationTtl });
}
