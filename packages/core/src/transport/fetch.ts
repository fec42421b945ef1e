import type { KVStream, Milliseconds } from "../kv-namespace.ts";
import { pulledStream } from "./pulled-stream.ts";
import {
  TransportTimeout,
  type StreamWatch,
  type Transport,
  type TransportBody,
  type TransportRequest,
  type TransportResponse,
  type TransportStream,
} from "./transport.ts";
import { unlessAborted } from "./unless-aborted.ts";

/** A transport over a `fetch` of the caller's. */
export function fetchTransport(fetch: typeof globalThis.fetch): Transport {
  const open = async (
    { method, origin, path, headers, body, onHead }: TransportRequest,
    silence: Silence,
    signal: AbortSignal,
  ): Promise<FetchStream> => {
    const response = fetch(origin + path, { method, headers, ...toFetchBody(body, silence), signal });
    const stream = new FetchStream(await silence.endsWith(response), silence);
    onHead(stream);
    return stream;
  };
  return {
    send(request) {
      const silence = new Silence(request.timeout);
      const answer = open(request, silence, silence.signal).then((opened) => opened.whole());
      return { answer, abort: (reason) => silence.end(reason) };
    },
    open(request, signal) {
      const silence = new Silence(request.timeout);
      const ended = AbortSignal.any([signal, silence.signal]);
      return unlessAborted(open(request, silence, ended), ended);
    },
    close: async () => {},
  };
}

/** The transport where there is no Node. */
export function createTransport(): Transport {
  return fetchTransport(globalThis.fetch.bind(globalThis));
}

/** Ends a request in which nothing moves for too long. `fetch` itself can only limit its whole length. */
class Silence {
  readonly #limit: Milliseconds;
  readonly #controller = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(limit: Milliseconds) {
    this.#limit = limit;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  end(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** Waits for a sign of life. */
  async endsWith<T>(sign: Promise<T>): Promise<T> {
    this.#listen();
    try {
      // A `fetch` of the caller's may not heed the signal.
      return await unlessAborted(sign, this.signal);
    } catch (error) {
      throw this.signal.aborted ? this.signal.reason : error;
    } finally {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
  }

  /** Something moved: the wait begins anew. */
  break(): void {
    if (this.#timer !== undefined) this.#listen();
  }

  #listen(): void {
    clearTimeout(this.#timer);
    const late = (): void => this.end(new TransportTimeout(`Nothing came within ${this.#limit} ms.`));
    this.#timer = setTimeout(late, this.#limit);
  }
}

class FetchStream implements TransportStream {
  readonly #response: Response;
  readonly #silence: Silence;
  readonly status: number;

  constructor(response: Response, silence: Silence) {
    this.#response = response;
    this.#silence = silence;
    this.status = response.status;
  }

  header(name: string): string | undefined {
    return this.#response.headers.get(name) ?? undefined;
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
    const next = async (): Promise<IteratorResult<Uint8Array, unknown>> => {
      if (reader === undefined) return { done: true, value: undefined };
      return this.#silence.endsWith(reader.read()).catch((error: unknown) => {
        throw toError(error);
      });
    };
    return pulledStream(next, (reason) => reader?.cancel(reason), watch);
  }
}

function toFetchBody(body: TransportBody | undefined, silence: Silence): RequestInit & { duplex?: "half" } {
  if (body === undefined) return {};
  if (typeof body !== "function") return { body: body as string };
  const chunks = body()[Symbol.asyncIterator]();
  const next = async (): Promise<IteratorResult<Uint8Array>> => {
    const step = await chunks.next();
    silence.break();
    return step;
  };
  const cancel = async (): Promise<void> => {
    await chunks.return?.();
  };
  return { body: pulledStream(next, cancel), duplex: "half" };
}
