import { Suspense } from "react";
import { cacheLife, cacheTag } from "next/cache";

/** Known at run time only: `remote` keeps it beyond this process. */
async function userOf(id) {
  "use cache: remote";
  cacheLife({ stale: 30, revalidate: 300, expire: 3600 });
  cacheTag("users", `user-${id}`);
  return { id, made: crypto.randomUUID(), by: process.pid };
}

async function User({ params }) {
  const { id } = await params;
  const user = await userOf(id);
  return (
    <p>
      user {user.id} made {user.made}
    </p>
  );
}

export default function Page({ params }) {
  return (
    <Suspense fallback={<p>…</p>}>
      <User params={params} />
    </Suspense>
  );
}
