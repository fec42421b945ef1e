/**
 * Next's `cacheHandler` on Workers KV.
 *
 * The way of a call: Next → this class → `kv-responses.ts`, which names the key → `next-kv.ts`, which finds an entry and
 * judges it by its tags → `entries.ts`, the copies of this process → KV.
 *
 * @module
 */
import { buildIdOf } from "./build-id.ts";
import { KVResponses } from "./kv-responses.ts";
import type { GetContext, HandlerContext, HandlerValue, ResponseHandler } from "./next-contract.ts";
import { ownResponses } from "./next-own.ts";
import { isWanted } from "./options.ts";
import { openNextKV } from "./shared.ts";

/**
 * The class for `cacheHandler` of `next.config`: pages, answers of route handlers, the data of `fetch` and
 * `unstable_cache`, and images. If nothing is kept in KV, as in a build, in development and without credentials, it
 * does what Next's own handler does.
 *
 * @example
 * // next.config.mjs
 * export default { cacheHandler: fileURLToPath(import.meta.resolve("@kvplug/next/cache-handler")) };
 */
export default class KVCacheHandler implements ResponseHandler {
  readonly #context: HandlerContext;
  #inKV: KVResponses | undefined;
  #own: Promise<ResponseHandler> | undefined;

  constructor(context: HandlerContext) {
    this.#context = context;
  }

  async get(key: string, context: GetContext): Promise<HandlerValue | null> {
    const kv = this.#kv();
    const found = kv === undefined ? null : await kv.get(key, context);
    // The first call may have found that credentials are missing.
    return this.#kv() === undefined ? (await this.#nextsOwn()).get(key, context) : found;
  }

  async set(...call: Parameters<ResponseHandler["set"]>): Promise<void> {
    await (this.#kv() ?? (await this.#nextsOwn())).set(...call);
  }

  async revalidateTag(...call: Parameters<ResponseHandler["revalidateTag"]>): Promise<void> {
    await (this.#kv() ?? (await this.#nextsOwn())).revalidateTag(...call);
  }

  resetRequestCache(): void {}

  #kv(): KVResponses | undefined {
    const { dev = false, serverDistDir } = this.#context;
    const kv = isWanted(dev) ? openNextKV() : undefined;
    return kv && (this.#inKV ??= new KVResponses(kv, buildIdOf(serverDistDir)));
  }

  #nextsOwn(): Promise<ResponseHandler> {
    return (this.#own ??= ownResponses(this.#context));
  }
}
