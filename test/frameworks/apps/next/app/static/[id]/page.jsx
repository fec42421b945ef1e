import { ask, made } from "../../origin.js";

export const dynamic = "force-static";

export const generateStaticParams = () => [{ id: "built" }];

export default async function Page({ params }) {
  const { id } = await params;
  const data = await ask("/static", { next: { tags: ["static", `static-${id}`] } });
  return <p>{`${made()} data ${data}`}</p>;
}
