export const dynamic = "force-static";

/** Bytes that are no text. */
export function GET() {
  const bytes = new Uint8Array([137, 80, 78, 71, 255, 0, 1, 128]);
  return new Response(bytes, { headers: { "content-type": "image/png", "x-made": crypto.randomUUID() } });
}
