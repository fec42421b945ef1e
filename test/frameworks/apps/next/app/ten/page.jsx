import { ask, made } from "../origin.js";

export const dynamic = "force-dynamic";

export default async function Page() {
  const all = await Promise.all(
    Array.from({ length: 10 }, (_, i) =>
      ask(`/ten/${i}`, { cache: "force-cache", next: { tags: [`ten-${i}`, "ten"] } }),
    ),
  );
  return <p>{`${made()} data ${all.join(" ")}`}</p>;
}
