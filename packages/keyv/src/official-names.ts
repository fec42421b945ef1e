import type { KVNamespace, KVOptions } from "@kvplug/core";
import { KVError } from "@kvplug/core/seam";

/** Options by their names in `@keyv/cloudflare-kv`, so that its users change only the import. */
export interface OfficialNames {
  /** The same as `kv`. */
  kvNamespace?: KVNamespace<any>;
  /** The same as `baseURL`. */
  url?: string;
  /** Use a namespace (`"bind"`) or the REST API (`"rest"`). Default: whichever is given. */
  mode?: "bind" | "rest";
}

/** What these options call what `createKV` and the adapter call otherwise. */
interface OwnNames extends Pick<KVOptions, "baseURL"> {
  kv?: KVNamespace<any>;
}

/** Returns the same options by their own names. @throws {KVError} `KV_INVALID` if they contradict each other. */
export function byOwnNames<Options extends OwnNames & OfficialNames>(
  options: Options,
): Omit<Options, keyof OfficialNames> {
  const { kvNamespace, url, mode, kv = kvNamespace, baseURL = url, ...others } = options;
  if (mode !== undefined && mode !== "bind" && mode !== "rest") {
    throw new KVError("KV_INVALID", `mode must be "bind" or "rest". You can leave it out.`);
  }
  if (mode === "bind" && kv === undefined) {
    throw new KVError("KV_INVALID", `mode "bind" needs kvNamespace, such as a Worker's env.KV.`);
  }
  if (mode === "rest" && kv !== undefined) {
    throw new KVError("KV_INVALID", `mode "rest" uses no namespace: leave out kvNamespace or mode.`);
  }
  const own: OwnNames = { ...(kv !== undefined && { kv }), ...(baseURL !== undefined && { baseURL }) };
  return { ...others, ...own } as Omit<Options, keyof OfficialNames>;
}
