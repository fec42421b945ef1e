import { unstable_cache } from "next/cache";
import { ask, made } from "../origin.js";

export const dynamic = "force-dynamic";

const read = unstable_cache(() => ask("/data", { cache: "no-store" }), ["data"], { tags: ["data"], revalidate: 300 });

export default async function Page() {
  return <p>{`${made()} data ${await read()}`}</p>;
}
