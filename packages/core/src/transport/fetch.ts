import type { KVStream, Milliseconds } from "../kv-namespace.ts";
import { pulledStream } from "./pulled-stream.ts";
import {
  TransportTimeout,
  type Transport,
  type TransportBody,
  type TransportRequest,
  type TransportResponse,
} from "./transport.ts";

/** A transport over a `fetch` of the caller's. */
export function fetchTransport(fetch: typeof globalThis.fetch): Transport {
  return {
    async send({ method, origin, path, headers, body, timeout, signal }: TransportRequest): Promise<TransportResponse> {
      const silence = new Silence(timeout);
      const response = await silence.endsWith(
        fetch(origin + path, {
          method,
          headers,
          ...toFetchBody(body, silence),
          signal: signal ? AbortSignal.any([signal, silence.signal]) : silence.signal,
        }),
      );
      return new FetchResponse(response, silence);
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

  /** Waits for a sign of life. */
  async endsWith<T>(sign: Promise<T>): Promise<T> {
    this.#listen();
    try {
      return await sign;
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
    const end = (): void => this.#controller.abort(new TransportTimeout(`Nothing came within ${this.#limit} ms.`));
    this.#timer = setTimeout(end, this.#limit);
  }
}

class FetchResponse implements TransportResponse {
  readonly #response: Response;
  readonly #silence: Silence;
  readonly status: number;
  received = 0;

  constructor(response: Response, silence: Silence) {
    this.#response = response;
    this.#silence = silence;
    this.status = response.status;
  }

  header(name: string): string | undefined {
    return this.#response.headers.get(name) ?? undefined;
  }

  // The `text()` of a response drops a byte order mark, which belongs to the value.
  async text(): Promise<string> {
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(await this.arrayBuffer());
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    const bytes = await new Response(this.stream((cause) => cause)).arrayBuffer();
    this.received = bytes.byteLength;
    return bytes;
  }

  stream(toError: (cause: unknown) => unknown): KVStream {
    const reader = this.#response.body?.getReader();
    const next = async (): Promise<IteratorResult<Uint8Array, unknown>> => {
      if (reader === undefined) return { done: true, value: undefined };
      return this.#silence.endsWith(reader.read()).catch((error: unknown) => {
        throw toError(error);
      });
    };
    return pulledStream(next, (reason) => reader?.cancel(reason));
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
