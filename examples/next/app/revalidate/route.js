import { revalidatePath, revalidateTag } from "next/cache";

/** A webhook, say of a CMS: `POST /revalidate?tag=news`, `&now` for those who must not see the old one, or `?path=/`. */
export async function POST(request) {
  const { searchParams } = new URL(request.url);
  const [tag, path] = [searchParams.get("tag"), searchParams.get("path")];
  if (tag !== null) revalidateTag(tag, searchParams.has("now") ? { expire: 0 } : "max");
  if (path !== null) revalidatePath(path);
  return Response.json({ revalidated: tag ?? path });
}
