import type { HandlerContext, ResponseHandler, ResultHandler } from "./next-contract.ts";

/** A module of Next, which is CommonJS. */
interface Module<Default> {
  readonly default: Default | { readonly default: Default };
}

type ResponseHandlerClass = new (context: HandlerContext) => ResponseHandler;

/** Next's own handler of pages and data, in memory and in the files of the build. */
export async function ownResponses(context: HandlerContext): Promise<ResponseHandler> {
  const module: unknown = await import("next/dist/server/lib/incremental-cache/file-system-cache.js");
  const FileSystemCache = defaultOf(module as Module<ResponseHandlerClass>);
  return new FileSystemCache(context);
}

/** Next's own handler of what functions with `use cache` return, in memory. */
export async function ownResults(): Promise<ResultHandler> {
  return defaultOf((await import("next/dist/server/lib/cache-handlers/default.external.js")) as Module<ResultHandler>);
}

function defaultOf<Default>(module: Module<Default>): Default {
  const { default: one } = module as { default: { default?: Default } & Default };
  return one.default ?? one;
}
