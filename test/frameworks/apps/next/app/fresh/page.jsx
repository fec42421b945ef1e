import { ask, made } from "../origin.js";

export default async function Page() {
  const data = await ask("/fresh", { cache: "no-store" });
  return <p>{`${made()} data ${data}`}</p>;
}
