import { KVError, checkText, checkValueBytes, quoteKey } from "@kvplug/core/seam";
import type { KVStream, KVValue, KVValueType } from "@kvplug/core/seam";

const encoder = new TextEncoder();
// A byte order mark belongs to the value.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The bytes of a value that is there as a whole, checked; `undefined` where it is a stream. */
export function toBytes(key: string, value: KVValue): Uint8Array | undefined {
  if (typeof value === "string") {
    checkText(key, value);
    return encoder.encode(value);
  }
  const bytes = asBytes(value);
  if (bytes !== undefined) {
    checkValueBytes(key, bytes.byteLength);
    return bytes;
  }
  if (isStream(value)) return undefined;
  throw new KVError(
    "KV_INVALID",
    `The value of ${quoteKey(key)} must be a string, an ArrayBuffer, a view of one or a ReadableStream. ` +
      "Serialise anything else first: JSON.stringify(value).",
    { key },
  );
}

/** Reads a stream to its end; throws as soon as it is larger than a value may be. */
export async function readStream(key: string, value: KVValue): Promise<Uint8Array> {
  const reader = (value as ReadableStream<unknown>).getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value: chunk } = await reader.read();
      if (done) return Buffer.concat(chunks, length);
      const bytes = asBytes(chunk);
      if (bytes === undefined)
        throw new KVError("KV_INVALID", `The stream for ${quoteKey(key)} must yield bytes.`, { key });
      length += bytes.byteLength;
      checkValueBytes(key, length);
      chunks.push(bytes);
    }
  } catch (error) {
    await reader.cancel(error).catch(() => {});
    throw error;
  }
}

/** Hands out a value as it was asked for. */
export function fromBytes(key: string, bytes: Uint8Array<ArrayBuffer>, type: KVValueType): unknown {
  switch (type) {
    case "text":
      return decoder.decode(bytes);
    case "json":
      return parse(key, decoder.decode(bytes));
    case "arrayBuffer":
      // node:sqlite hands out each value in a buffer of its own.
      return bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
    case "stream":
      return new Response(bytes).body as KVStream;
  }
}

function parse(key: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A SyntaxError, as in a Worker; the parser's own quotes the value.
    throw new SyntaxError(`The value of ${quoteKey(key)} is not JSON.`);
  }
}

function asBytes(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  return undefined;
}

function isStream(value: unknown): boolean {
  return typeof value === "object" && value !== null && "getReader" in value && typeof value.getReader === "function";
}
