import * as cache from "next/cache";
import { ask, made } from "../origin.js";

export const dynamic = "force-dynamic";

async function change() {
  "use server";
  // Next 15 has no `updateTag`; its `revalidateTag` is as immediate.
  (cache.updateTag ?? cache.revalidateTag)("form");
}

export default async function Page() {
  const data = await ask("/form", { cache: "force-cache", next: { tags: ["form"] } });
  return (
    <form action={change}>
      <p>{`${made()} data ${data}`}</p>
      <button>change</button>
    </form>
  );
}
