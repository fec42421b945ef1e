import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { checkOptionNames } from "@kvplug/core/seam";

/** Options of {@link withKV}: what to keep in KV. */
export interface WithKVOptions {
  /** The results of functions with `use cache`. Default: `true`. */
  useCache?: boolean;
  /** Optimised images, which Next 16.2 and newer can keep in the handler. Default: `false`. */
  images?: boolean;
}

/** The part of Next's config that is set here. */
interface Config {
  cacheHandler?: string | undefined;
  cacheHandlers?: Record<string, string | undefined> | undefined;
  experimental?: object | undefined;
  images?: object | undefined;
  serverExternalPackages?: string[] | undefined;
}

/**
 * Makes Next keep pages and data in KV: returns the config with the handlers of this package. Handlers that the config
 * names itself stay. The environment, or `configureKV`, says where KV is and how to use it.
 *
 * @param config Next's config: an object, or a function that returns one.
 * @throws {KVError} `KV_INVALID` for an option that does not exist.
 * @example
 * // next.config.ts
 * import { withKV } from "@kvplug/next";
 *
 * export default withKV({ cacheComponents: true });
 */
export function withKV<Given extends object>(config: Given, options: WithKVOptions = {}): Given {
  checkOptionNames("withKV", options, ["useCache", "images"]);
  if (typeof config === "function") {
    const configOf = config as unknown as (...given: unknown[]) => object | Promise<object>;
    return (async (...given: unknown[]) => withKV(await configOf(...given), options)) as unknown as Given;
  }
  const { useCache = true, images = false } = options;
  const given: Config = config;
  const isNext15 = majorOfNext() < 16;
  const handlers = { default: pathOf("use-cache"), remote: pathOf("use-cache") };
  const set: Config = {
    cacheHandler: pathOf("cache-handler"),
    ...given,
    // A bundler must leave `import.meta.resolve` alone, and the modules of Next that this package loads.
    serverExternalPackages: ["@kvplug/next", ...(given.serverExternalPackages ?? [])],
  };
  if (useCache && isNext15) set.experimental = { cacheHandlers: handlers, ...given.experimental };
  if (useCache && !isNext15) set.cacheHandlers = { ...handlers, ...given.cacheHandlers };
  if (images && !isNext15) set.images = { customCacheHandler: true, ...given.images };
  return set as Given;
}

function pathOf(entry: string): string {
  return fileURLToPath(import.meta.resolve(`@kvplug/next/${entry}`));
}

/** Of the app's own Next; in a monorepo, Next may run in a folder that has none, and then it is the one that this package is for. */
function majorOfNext(): number {
  const require = createRequire(import.meta.url);
  const path = require.resolve("next/package.json", { paths: [process.cwd(), import.meta.dirname] });
  const { version } = require(path) as { version: string };
  return Number.parseInt(version, 10);
}
