import { revalidatePath, revalidateTag } from "next/cache";

export const dynamic = "force-dynamic";

export async function POST(request) {
  const { searchParams } = new URL(request.url);
  const [tag, path] = [searchParams.get("tag"), searchParams.get("path")];
  if (tag !== null) revalidateTag(tag, searchParams.has("max") ? "max" : { expire: 0 });
  if (path !== null) revalidatePath(path);
  return Response.json({ tag, path });
}
