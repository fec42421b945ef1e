import { updateTag } from "next/cache";
import { news } from "./news.js";

async function publish() {
  "use server";
  // Whoever sends the form sees the new one at once.
  updateTag("news");
}

/** Rendered by the build, then by whichever instance is asked first after a change. */
export default async function Page() {
  const { made } = await news();
  return (
    <main>
      <p>made {made}</p>
      <form action={publish}>
        <button>Make it anew</button>
      </form>
    </main>
  );
}
