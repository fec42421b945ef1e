/**
 * Values on their way out: as base64, as a counted stream, as a form.
 *
 * @module
 */
import type { PiecedBody, TransportBody } from "../transport/transport.ts";
import { checkedChunks } from "../seam/value.ts";

/** Base64 of bytes, without a detour through text. */
export function toBase64(data: Uint8Array): string {
  if (typeof Buffer !== "undefined")
    return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64");
  let binary = "";
  for (let start = 0; start < data.length; start += 0x8000)
    binary += String.fromCharCode(...data.subarray(start, start + 0x8000));
  return btoa(binary);
}

/** A stream as a body: counted against the limit, with its own failure kept apart from the request's. */
export class StreamBody {
  readonly #key: string;
  readonly #stream: ReadableStream<Uint8Array>;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  readonly #onComplete: () => void;
  #failure: { error: unknown } | undefined;
  #isComplete = false;
  #cancelled: { reason: unknown } | undefined;

  /** @param onComplete Called when all of it has been passed on for sending. */
  constructor(key: string, stream: ReadableStream<Uint8Array>, onComplete: () => void) {
    this.#key = key;
    this.#stream = stream;
    this.#onComplete = onComplete;
  }

  /** Whether all of it has been passed on for sending: it may take effect from now on. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** What the stream itself threw, or the limit that it broke. */
  get failure(): { error: unknown } | undefined {
    return this.#failure;
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    this.#reader = this.#stream.getReader();
    const chunks = checkedChunks(this.#key, this.#reader);
    for (;;) {
      // Only what the source does is its failure: the request may be given up while a chunk is out.
      const { done, value } = await chunks.next().catch((error: unknown) => {
        this.#failure = { error };
        throw error;
      });
      // A stream that is cancelled ends like one that is complete.
      if (this.#cancelled) throw this.#cancelled.reason;
      if (done) {
        this.#isComplete = true;
        this.#onComplete();
        return;
      }
      yield value;
    }
  }

  /** Ends the source, whether a chunk of it is awaited or none ever was. */
  cancel(reason: unknown): void {
    this.#cancelled = { reason };
    (this.#reader ?? this.#stream).cancel(reason).catch(() => {});
  }
}

/** A form as it is sent. */
export interface Form {
  readonly contentType: string;
  readonly body: TransportBody;
}

/**
 * Returns a value, with its metadata if it has any, as the `multipart/form-data` that `PUT values` takes. A form marks
 * its own end, so an interrupted one never passes for a complete one.
 */
export function formOf(value: string | Uint8Array | StreamBody, metadata: string | undefined): Form {
  const boundary = `kvplug-${crypto.randomUUID()}`;
  const head =
    (metadata === undefined ? "" : `${partHead(boundary, "metadata", "application/json")}${metadata}\r\n`) +
    partHead(boundary, 'value"; filename="value', "application/octet-stream");
  const tail = `\r\n--${boundary}--\r\n`;
  const contentType = `multipart/form-data; boundary=${boundary}`;
  if (typeof value === "string") return { contentType, body: head + value + tail };
  return { contentType, body: framed(encoder.encode(head), value, encoder.encode(tail)) };
}

const encoder = new TextEncoder();

function partHead(boundary: string, name: string, contentType: string): string {
  return `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\ncontent-type: ${contentType}\r\n\r\n`;
}

function framed(head: Uint8Array, value: Uint8Array | StreamBody, tail: Uint8Array): PiecedBody {
  const isWhole = value instanceof Uint8Array;
  return {
    bytes: isWhole ? head.byteLength + value.byteLength + tail.byteLength : undefined,
    async *pieces() {
      yield head;
      if (isWhole) yield value;
      else yield* value.chunks();
      yield tail;
    },
  };
}
