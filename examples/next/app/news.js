import { cacheLife, cacheTag } from "next/cache";

/** Made once for all instances, and anew after an hour or when the tag says so. */
export async function news() {
  "use cache";
  cacheLife("hours");
  cacheTag("news");
  return { made: crypto.randomUUID(), by: process.pid };
}
