import { KVError } from "../seam/errors.ts";
import type { KVStream } from "../seam/kv-namespace.ts";
import type { ConnectionOptions } from "../contract/options.ts";
import { checkEncoding, encodingOf } from "./encodings.ts";
import { FetchAttempt } from "./fetch-attempt.ts";
import { toFetchBody } from "./fetch-body.ts";
import { pulledStream } from "./pulled-stream.ts";
import {
  AnswerTooLarge,
  BadAnswer,
  type StreamWatch,
  type Transport,
  type TransportRequest,
  type TransportResponse,
  type TransportStream,
} from "./transport.ts";

/** Encodings that every `fetch` decodes; for others, one cannot know whether it did. */
const ENCODINGS = ["gzip", "x-gzip", "deflate", "br"];

/** A transport over a `fetch` of the caller's. */
export function fetchTransport(fetch: typeof globalThis.fetch): Transport {
  const open = async (request: TransportRequest, attempt: FetchAttempt): Promise<FetchStream> => {
    const { method, origin, path, headers, body, onHead, onSent } = request;
    const { init, isSeen } = toFetchBody(body, headers, (bytes) => {
      attempt.moved();
      onSent?.(bytes);
    });
    // One that is followed would take the credentials along, and a body.
    const answer = fetch(origin + path, { method, ...init, redirect: "manual", signal: attempt.signal });
    const stream = new FetchStream(await attempt.sign(answer, isSeen), attempt, request.maxAnswerBytes);
    onHead(stream);
    stream.check();
    return stream;
  };
  return {
    send(request) {
      const attempt = new FetchAttempt(request.timeout, undefined);
      const answer = open(request, attempt).then((stream) => stream.whole());
      return { answer, abort: (reason) => attempt.end(reason) };
    },
    open: (request, signal) => open(request, new FetchAttempt(request.timeout, signal)),
    close: async () => {},
  };
}

/** The transport outside Node. */
export function createTransport({ dispatcher }: ConnectionOptions): Transport {
  if (dispatcher !== undefined) {
    throw new KVError("KV_INVALID", "A dispatcher works only in Node. Pass { fetch } here.");
  }
  return fetchTransport(globalThis.fetch.bind(globalThis));
}

class FetchStream implements TransportStream {
  readonly #response: Response;
  readonly #attempt: FetchAttempt;
  readonly #limit: number;
  readonly status: number;

  constructor(response: Response, attempt: FetchAttempt, limit: number) {
    this.#response = response;
    this.#attempt = attempt;
    this.#limit = limit;
    this.status = response.status;
  }

  header(name: string): string | undefined {
    return this.#response.headers.get(name) ?? undefined;
  }

  /** @throws {BadAnswer} if the answer belongs to another request, or its bytes may not be those of the value. */
  check(): void {
    const { type, redirected } = this.#response;
    try {
      if (type === "opaqueredirect") throw new BadAnswer("The answer is a redirect, which is not followed.");
      if (redirected)
        throw new BadAnswer("The answer comes from a redirect that this fetch followed, although it should not.");
      const encoding = encodingOf(this);
      if (encoding !== undefined) checkEncoding(encoding, ENCODINGS);
    } catch (error) {
      this.#attempt.end(error);
      throw error;
    }
  }

  async whole(): Promise<TransportResponse> {
    const bytes = await new Response(this.stream((cause) => cause)).arrayBuffer();
    return {
      status: this.status,
      header: (name) => this.header(name),
      received: bytes.byteLength,
      // The `text()` of a response drops a byte order mark, which belongs to the value.
      text: () => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes),
      arrayBuffer: () => bytes,
    };
  }

  stream(toError: (cause: unknown) => unknown, watch?: StreamWatch): KVStream {
    const reader = this.#response.body?.getReader();
    let received = 0;
    const next = async (): Promise<IteratorResult<Uint8Array, unknown>> => {
      if (reader === undefined) return { done: true, value: undefined };
      try {
        const step = await this.#attempt.sign(reader.read());
        received += step.value?.byteLength ?? 0;
        if (received > this.#limit) throw new AnswerTooLarge(this.#limit);
        return step as IteratorResult<Uint8Array, unknown>;
      } catch (error) {
        this.#attempt.end(error);
        throw toError(error);
      }
    };
    return pulledStream(next, (reason) => reader?.cancel(reason), watch);
  }
}
