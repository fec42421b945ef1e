import { MAX_METADATA_BYTES } from "@kvplug/core/seam";
import type { Context } from "hono";
import { readBody } from "./body.ts";
import { ApiError, CODE } from "./errors.ts";

/** What the JSON of a request may be, so that parsing it takes no longer than its length asks for. */
export interface JsonBounds {
  /** The most bytes. */
  bytes: number;
  /** For a body that is an array: the most elements, and what they are. */
  elements?: { readonly max: number; readonly what: string };
}

/** A pair of a bulk write holds metadata, and of 1,024 bytes of JSON each two open and close one level at most. */
const MAX_DEPTH: number = 2 + MAX_METADATA_BYTES / 2;

/** The brackets, commas and colons of a pair's metadata, and of its other fields. */
const MAX_MARKS: number = MAX_METADATA_BYTES + 64;

/** Reads a JSON body. One that is deeper, longer or fuller than any request needs to be is refused before it is parsed. */
export async function readJson(c: Context, code: number, bounds: JsonBounds): Promise<unknown> {
  const bytes = await readBody(c, bounds.bytes, (length) => {
    throw new ApiError(
      413,
      code,
      `A request may have up to ${bounds.bytes} bytes of JSON (${bounds.bytes / 1_000_000} MB); this one has ${length}.`,
    );
  });
  checkOutline(bytes, code, bounds);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new ApiError(400, code, "The body of the request is not JSON.");
  }
}

const [QUOTE, BACKSLASH, COMMA, COLON, OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = Array.from(
  '"\\,:[]{}',
  (mark) => mark.charCodeAt(0),
) as [number, number, number, number, number, number, number, number];

/**
 * Looks at nothing but the marks between values. A parser may take a minute, and more memory than there is, for what
 * nests ten million times; this passes over the bytes once.
 */
function checkOutline(json: Uint8Array, code: number, { elements }: JsonBounds): void {
  let depth = 0;
  let isArray = false;
  let count = 1;
  let marks = 0;
  for (let i = 0; i < json.length; i++) {
    switch (json[i]) {
      case QUOTE:
        i = endOfString(json, i);
        continue;
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        if (depth === 0) isArray = json[i] === OPEN_ARRAY;
        if (++depth > MAX_DEPTH)
          throw new ApiError(400, code, `JSON may nest up to ${MAX_DEPTH} levels deep; this is deeper.`);
        break;
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        depth--;
        break;
      case COMMA:
        if (depth === 1) {
          count++;
          marks = 0;
        }
        break;
      case COLON:
        break;
      case undefined:
      default:
        continue;
    }
    if (++marks > MAX_MARKS && isArray && elements !== undefined) {
      throw new ApiError(
        400,
        code,
        `Entry ${count - 1} has more parts than a key, a value and ${MAX_METADATA_BYTES} bytes of metadata have.`,
      );
    }
  }
  if (isArray && elements !== undefined && count > elements.max) {
    throw new ApiError(
      400,
      CODE.tooManyKeys,
      `A bulk request may have up to ${elements.max} ${elements.what}; this one has ${count}.`,
    );
  }
}

/** Where a string ends that begins here: at the next quote behind no, or an even number of, backslashes. */
function endOfString(json: Uint8Array, start: number): number {
  for (let end = start; ;) {
    end = json.indexOf(QUOTE, end + 1);
    if (end === -1) return json.length;
    let before = end - 1;
    while (json[before] === BACKSLASH) before--;
    if ((end - before) % 2 === 1) return end;
  }
}
