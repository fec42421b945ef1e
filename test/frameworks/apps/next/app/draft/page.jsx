import { draftMode } from "next/headers";
import { ask, made } from "../origin.js";

export const revalidate = 3600;

export default async function Page() {
  const { isEnabled } = await draftMode();
  const data = await ask("/draft", { next: { tags: ["draft"] } });
  return <p>{`${made()} data ${data} ${isEnabled ? "draft" : "published"}`}</p>;
}
