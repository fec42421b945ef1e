import { ask, made } from "../origin.js";

export const dynamic = "force-static";

export default async function Page() {
  const data = await ask("/static", { next: { tags: ["static"] } });
  return <p>{`${made()} data ${data}`}</p>;
}
