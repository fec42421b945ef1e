/** What a value is, for how it is shown. */
export type Kind = "json" | "text" | "image" | "bytes";

/** The first bytes of the images that browsers draw. SVG is text, and stays that: it may hold more than a picture. */
const IMAGES: readonly (readonly [type: string, bytes: readonly number[], at?: number])[] = [
  ["image/png", [0x89, 0x50, 0x4e, 0x47]],
  ["image/jpeg", [0xff, 0xd8, 0xff]],
  ["image/gif", [0x47, 0x49, 0x46, 0x38]],
  ["image/webp", [0x57, 0x45, 0x42, 0x50], 8],
  ["image/avif", [0x66, 0x74, 0x79, 0x70, 0x61, 0x76, 0x69, 0x66], 4],
];

/** The media type of an image; `undefined` for all else. */
export function imageType(bytes: Uint8Array): string | undefined {
  return IMAGES.find(([, start, at = 0]) => start.every((byte, i) => bytes[at + i] === byte))?.[0];
}

/** The text of bytes; `undefined` where they are none. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The value of JSON text; `undefined` where it is none, or no object or array, which is text as well as JSON. */
export function jsonOf(text: string): object | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}

/** What a value is. */
export function kindOf(bytes: Uint8Array): Kind {
  if (imageType(bytes) !== undefined) return "image";
  const text = textOf(bytes);
  if (text === undefined) return "bytes";
  return jsonOf(text) === undefined ? "text" : "json";
}
