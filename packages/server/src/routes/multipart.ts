import { MAX_METADATA_BYTES, MAX_VALUE_BYTES } from "@kvplug/core/seam";
import { parseMultipart } from "@remix-run/multipart-parser";
import type { MultipartPart } from "@remix-run/multipart-parser";
import { ApiError, CODE } from "./errors.ts";

/** The most bytes of a form besides its value: metadata, boundaries and headers. */
export const MAX_MULTIPART_OVERHEAD_BYTES: number = 64 * 1024;

/** RFC 2046, section 5.1.1. */
const MAX_BOUNDARY_LENGTH = 70;

export function isMultipart(contentType: string): boolean {
  return /^\s*multipart\/form-data\b/i.test(contentType);
}

/** Returns a form's `value`, byte for byte, and its parsed `metadata`. */
export function parseForm(body: Uint8Array, contentType: string): { value: Uint8Array; metadata?: unknown } {
  const parts = parseParts(body, contentType);
  const value = parts.get("value");
  if (value === undefined) throw new ApiError(400, CODE.value, "The form has no part named value.");
  const metadata = parts.get("metadata");
  return metadata === undefined
    ? { value: bytesOf(value) }
    : { value: bytesOf(value), metadata: parseMetadata(metadata) };
}

function parseParts(body: Uint8Array, contentType: string): Map<string | undefined, MultipartPart> {
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) throw new ApiError(400, CODE.value, "The content-type of the form names no boundary.");
  // What searches for it takes time for each byte of it, and one of 252 bytes has no end outside of Node.
  if (boundary.length > MAX_BOUNDARY_LENGTH) {
    throw new ApiError(
      400,
      CODE.value,
      `The boundary of a form may have up to ${MAX_BOUNDARY_LENGTH} characters; this one has ${boundary.length}.`,
    );
  }
  try {
    const maxFileSize = MAX_VALUE_BYTES + MAX_MULTIPART_OVERHEAD_BYTES;
    return new Map([...parseMultipart(body, { boundary, maxFileSize })].map((part) => [part.name, part]));
  } catch {
    throw new ApiError(400, CODE.value, "The body of the request is not multipart/form-data.");
  }
}

/** Without a copy if it is in one piece. */
function bytesOf(part: MultipartPart): Uint8Array {
  return part.content.length === 1 && part.content[0] !== undefined ? part.content[0] : part.bytes;
}

function parseMetadata(part: MultipartPart): unknown {
  // Formatted JSON may be longer than what is stored, but not by this much.
  if (part.size > 16 * MAX_METADATA_BYTES) {
    throw new ApiError(
      413,
      CODE.metadata,
      `Metadata may have up to ${MAX_METADATA_BYTES} bytes of JSON; this has ${part.size}.`,
    );
  }
  try {
    return JSON.parse(part.text);
  } catch {
    throw new ApiError(400, CODE.metadata, "The metadata of the form is not JSON.");
  }
}
