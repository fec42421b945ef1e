import { ask, made } from "../../origin.js";

export const dynamic = "force-static";

export const generateStaticParams = () => [];

/** Of two things, with a tag each. */
export default async function Page() {
  const [one, other] = await Promise.all(
    ["one", "other"].map((name) => ask(`/${name}`, { cache: "force-cache", next: { tags: [`mixed-${name}`] } })),
  );
  return <p>{`${made()} data ${one} ${other}`}</p>;
}
