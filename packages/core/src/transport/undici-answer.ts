import { pipeline, type Readable, type Transform } from "node:stream";
import type { Dispatcher } from "undici";
import type { KVStream, Milliseconds } from "../seam/kv-namespace.ts";
import { decoderOf } from "./content-encoding.ts";
import { pulledStream } from "./pulled-stream.ts";
import {
  AnswerTooLarge,
  type StreamWatch,
  type TransportRequest,
  type TransportResponse,
  type TransportStream,
} from "./transport.ts";
import { asTimeout } from "./undici-errors.ts";

/** Headers as undici hands them out. */
export type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** An answer whose body is gathered as it comes. */
export class WholeAnswer implements TransportResponse {
  readonly status: number;
  received = 0;
  readonly #chunks: Uint8Array[] = [];
  readonly #headers: Headers;
  readonly #limit: number;

  constructor(status: number, headers: Headers, limit: number) {
    this.status = status;
    this.#headers = headers;
    this.#limit = limit;
  }

  header(name: string): string | undefined {
    return first(this.#headers[name]);
  }

  /** @throws {AnswerTooLarge} once there is more than may come. */
  add(chunk: Uint8Array): void {
    this.received += chunk.byteLength;
    if (this.received > this.#limit) throw new AnswerTooLarge(this.#limit);
    this.#chunks.push(chunk);
  }

  text(): string {
    const [chunk] = this.#chunks;
    // What an interceptor hands on need not be a Buffer.
    return (this.#chunks.length === 1 && Buffer.isBuffer(chunk) ? chunk : Buffer.concat(this.#chunks)).toString();
  }

  arrayBuffer(): ArrayBuffer {
    const bytes = new Uint8Array(this.received);
    let at = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, at);
      at += chunk.byteLength;
    }
    return bytes.buffer;
  }
}

/** Undoes the encoding of an answer that is gathered. */
export class Decoding {
  readonly #decoder: Transform;
  readonly #gathered: Promise<void>;
  readonly #limit: number;
  #encoded = 0;

  constructor(decoder: Transform, answer: WholeAnswer, limit: number, onFailure: (error: unknown) => void) {
    this.#decoder = decoder;
    this.#limit = limit;
    this.#gathered = gather(decoder, answer);
    this.#gathered.catch(onFailure);
  }

  /** @throws {AnswerTooLarge} as well for what would wait to be decoded. */
  add(chunk: Uint8Array): void {
    this.#encoded += chunk.byteLength;
    if (this.#encoded > this.#limit) throw new AnswerTooLarge(this.#limit);
    this.#decoder.write(chunk);
  }

  /** Resolves when all of it is gathered. */
  end(): Promise<void> {
    this.#decoder.end();
    return this.#gathered;
  }
}

async function gather(body: Readable, answer: WholeAnswer): Promise<void> {
  // Where it is too long, the loop ends early, and what it reads from with it.
  for await (const chunk of body) answer.add(chunk as Uint8Array);
}

/** An answer whose body is still to come. */
export class StreamedAnswer implements TransportStream {
  readonly status: number;
  readonly #headers: Headers;
  readonly #body: Readable;
  readonly #limit: number;
  readonly #timeout: Milliseconds;

  /** @throws if the body's encoding is unknown; the request has then ended. */
  constructor({ statusCode, headers, body }: Dispatcher.ResponseData, request: TransportRequest) {
    this.status = statusCode;
    this.#headers = headers;
    this.#limit = request.maxAnswerBytes;
    this.#timeout = request.timeout;
    this.#body = body;
    try {
      const decoder = decoderOf(this);
      if (decoder) this.#body = decoded(body, decoder);
    } catch (error) {
      discard(body);
      throw error;
    }
  }

  header(name: string): string | undefined {
    return first(this.#headers[name]);
  }

  async whole(): Promise<TransportResponse> {
    const answer = new WholeAnswer(this.status, this.#headers, this.#limit);
    await gather(this.#body, answer).catch((error: unknown) => {
      throw asTimeout(error, this.#timeout);
    });
    return answer;
  }

  // `ReadableStream.from` would leave the request running where nothing was read before the cancellation.
  stream(toError: (cause: unknown) => unknown, watch?: StreamWatch): KVStream {
    const chunks = this.#body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
    let received = 0;
    const next = async (): Promise<IteratorResult<Uint8Array>> => {
      try {
        const step = await chunks.next();
        if (!step.done) received += step.value.byteLength;
        if (received > this.#limit) throw new AnswerTooLarge(this.#limit);
        return step;
      } catch (error) {
        discard(this.#body);
        throw toError(asTimeout(error, this.#timeout));
      }
    };
    return pulledStream(next, () => discard(this.#body), watch);
  }
}

function decoded(body: Readable, decoder: Transform): Readable {
  // The reader of the result gets the failure.
  return pipeline(body, decoder, () => {});
}

function discard(body: Readable): void {
  body.once("error", () => {}).destroy();
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
