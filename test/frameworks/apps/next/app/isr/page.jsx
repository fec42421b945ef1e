import { ask, made } from "../origin.js";

export const revalidate = 2;

export default async function Page() {
  const data = await ask("/isr", { next: { tags: ["isr"], revalidate: 30 } });
  return <p>{`${made()} data ${data}`}</p>;
}
