import type { KVStream } from "../kv-namespace.ts";
import { TransportTimeout, type Transport, type TransportBody, type TransportRequest } from "./transport.ts";

/** A transport over a `fetch` of the caller's. */
export function fetchTransport(fetch: typeof globalThis.fetch): Transport {
  return {
    async send({ method, origin, path, headers, body, timeout, signal }: TransportRequest) {
      const silence = AbortSignal.timeout(timeout);
      const timedOut = (error: unknown): unknown =>
        silence.aborted && !signal?.aborted ? new TransportTimeout(`No answer within ${timeout} ms.`, { cause: error }) : error;
      const settled = async <T>(promise: Promise<T>): Promise<T> => {
        try {
          return await promise;
        } catch (error) {
          throw timedOut(error);
        }
      };
      const response = await settled(
        fetch(origin + path, {
          method,
          headers,
          ...toFetchBody(body),
          signal: signal ? AbortSignal.any([signal, silence]) : silence,
        }),
      );
      let received = 0;
      const arrayBuffer = async (): Promise<ArrayBuffer> => {
        const bytes = await settled(response.arrayBuffer());
        received = bytes.byteLength;
        return bytes;
      };
      return {
        status: response.status,
        get received() {
          return received;
        },
        header: (name) => response.headers.get(name) ?? undefined,
        text: async () => new TextDecoder("utf-8", { ignoreBOM: true }).decode(await arrayBuffer()),
        arrayBuffer,
        stream: () => (response.body ?? new ReadableStream({ start: (controller) => controller.close() })) as KVStream,
      };
    },
    close: async () => {},
  };
}

/** The transport where there is no Node. */
export function createTransport(): Transport {
  return fetchTransport(globalThis.fetch.bind(globalThis));
}

function toFetchBody(body: TransportBody | undefined): RequestInit & { duplex?: "half" } {
  if (body === undefined) return {};
  if (typeof body !== "function") return { body: body as string };
  const chunks = body()[Symbol.asyncIterator]();
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await chunks.return?.();
    },
  });
  return { body: stream, duplex: "half" };
}
