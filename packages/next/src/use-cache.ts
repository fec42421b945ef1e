/**
 * Next's `cacheHandlers` on Workers KV.
 *
 * @module
 */
import { KVResults } from "./kv-results.ts";
import type { ResultHandler } from "./next-contract.ts";
import { ownResults } from "./next-own.ts";
import { isWanted } from "./options.ts";
import { openNextKV } from "./shared.ts";

let inKV: KVResults | undefined;

/**
 * The object for `cacheHandlers.default` and `cacheHandlers.remote` of `next.config`: the results of functions with `use cache`
 * and `use cache: remote`. If nothing is kept in KV, as in a build, in development and without credentials, it does
 * what Next's own handler does.
 */
const handler: ResultHandler = {
  async get(...call) {
    const found = await results()?.get(...call);
    // The first call may have found that credentials are missing.
    return results() === undefined ? (await ownResults()).get(...call) : found;
  },
  set: async (...call) => (results() ?? (await ownResults())).set(...call),
  refreshTags: async () => (results() ?? (await ownResults())).refreshTags(),
  getExpiration: async (...call) => (results() ?? (await ownResults())).getExpiration(...call),
  updateTags: async (...call) => (results() ?? (await ownResults())).updateTags(...call),
  expireTags: async (...call) => (results() ?? (await ownResults())).expireTags(...call),
};

export default handler;

function results(): KVResults | undefined {
  const kv = isWanted(process.env["NODE_ENV"] === "development") ? openNextKV() : undefined;
  return kv && (inKV ??= new KVResults(kv));
}
