import { describe, KVError } from "@kvplug/core/seam";
import { openStore } from "./open-store.ts";
import { checkStorageOptions, DRIVER_NAME, givenOptions, type KVStorageOptions } from "./options.ts";

/** Options that a config may contain: JSON, without secrets. */
export type KVStorageConfig = Omit<KVStorageOptions, "kv" | "binding" | "apiToken" | "apiKey"> & {
  /** The name of a Worker's binding, instead of the REST API. */
  binding?: string | undefined;
};

/**
 * Returns a mount for the config of Nitro or Nuxt, with checked options.
 *
 * @throws {KVError} `KV_INVALID` for an unknown or invalid option, and for a secret: frameworks write the config into
 *   the build, so set secrets in the environment where the app runs.
 * @example
 * export default defineNitroConfig({
 *   storage: { cache: kvStorage({ base: "cache", ttl: 86_400 }) },
 * });
 */
export function kvStorage(options: KVStorageConfig = {}): { driver: typeof DRIVER_NAME } & KVStorageConfig {
  const given = givenOptions(options);
  checkStorageOptions("kvStorage", given);
  const { apiToken, apiKey, kv, binding } = given;
  if (apiToken !== undefined || apiKey !== undefined) {
    const [secret, variable] =
      apiToken === undefined ? ["apiKey", "CLOUDFLARE_API_KEY"] : ["apiToken", "CLOUDFLARE_API_TOKEN"];
    throw new KVError(
      "KV_INVALID",
      `${secret} would be written into the build. Set ${variable} where the app runs, or mount the driver in a plugin.`,
    );
  }
  const object = kv ?? (typeof binding === "string" ? undefined : binding);
  if (object !== undefined) {
    throw new KVError(
      "KV_INVALID",
      `A config contains JSON, but ${kv === undefined ? "binding" : "kv"} is ${describe(object)}: mount the driver in a plugin.`,
    );
  }
  // The rest is checked by those it is for. A binding is where the app runs, and need not be here.
  void openStore({ ...given, binding: undefined }).close();
  return { driver: DRIVER_NAME, ...(given as KVStorageConfig) };
}
