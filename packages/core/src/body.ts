/**
 * Values on their way out: as base64, as a stream that is counted, as a multipart body.
 *
 * @module
 */
import { checkedChunks } from "./value.ts";

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

  /** @param onComplete Called when all of it is handed over to be sent. */
  constructor(key: string, stream: ReadableStream<Uint8Array>, onComplete: () => void) {
    this.#key = key;
    this.#stream = stream;
    this.#onComplete = onComplete;
  }

  /** Whether all of it is handed over to be sent: it may take effect from now on. */
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
    (this.#reader ?? this.#stream).cancel(reason).catch(() => {});
  }
}

/** A `multipart/form-data` body of a value with its metadata, as `PUT values` takes it. */
export function multipart(
  value: () => AsyncIterable<Uint8Array>,
  metadata: string,
): { contentType: string; body: () => AsyncIterable<Uint8Array> } {
  const boundary = `kvplug-${crypto.randomUUID()}`;
  const encoder = new TextEncoder();
  const head = encoder.encode(
    `--${boundary}\r\ncontent-disposition: form-data; name="metadata"\r\ncontent-type: application/json\r\n\r\n${metadata}\r\n` +
      `--${boundary}\r\ncontent-disposition: form-data; name="value"; filename="value"\r\ncontent-type: application/octet-stream\r\n\r\n`,
  );
  const tail = encoder.encode(`\r\n--${boundary}--\r\n`);
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    async *body() {
      yield head;
      yield* value();
      yield tail;
    },
  };
}

/** A whole value as chunks. */
export async function* chunksOf(data: string | Uint8Array): AsyncGenerator<Uint8Array> {
  yield typeof data === "string" ? new TextEncoder().encode(data) : data;
}
