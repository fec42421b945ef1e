import * as cache from "next/cache";
import { ask, made } from "../origin.js";

export const dynamic = "force-dynamic";

async function read() {
  "use cache";
  // Their names in Next 15.
  (cache.cacheTag ?? cache.unstable_cacheTag)("use");
  (cache.cacheLife ?? cache.unstable_cacheLife)("hours");
  return { stamp: made(), data: await ask("/use", { cache: "no-store" }) };
}

export default async function Page() {
  const { stamp, data } = await read();
  return <p>{`${stamp} data ${data}`}</p>;
}
