import { KVError } from "@kvplug/core/seam";

/** Tells a cursor from any other text. */
const MARK = "kv1:";

/** The cursor that goes on after this name. */
export function encodeCursor(name: Uint8Array): string {
  return Buffer.concat([Buffer.from(MARK), name]).toString("base64url");
}

/**
 * Returns the name after which to continue.
 *
 * @throws {KVError} `KV_INVALID` if the cursor is invalid, or comes from a listing of another prefix.
 */
export function decodeCursor(cursor: string, prefix: Uint8Array): Uint8Array {
  const bytes = Buffer.from(cursor, "base64url");
  const name = bytes.subarray(MARK.length);
  if (bytes.toString("latin1", 0, MARK.length) !== MARK || bytes.toString("base64url") !== cursor) {
    throw new KVError("KV_INVALID", "The cursor is not one of a listing.");
  }
  if (Buffer.compare(name.subarray(0, prefix.length), prefix) !== 0) {
    throw new KVError("KV_INVALID", "The cursor comes from a listing of another prefix.");
  }
  return name;
}
