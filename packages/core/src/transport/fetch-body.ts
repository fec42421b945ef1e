import { inPieces, piecesOf } from "./pieces.ts";
import { pulledStream } from "./pulled-stream.ts";
import type { TransportBody } from "./transport.ts";

/** What `fetch` needs to know of a body. */
interface FetchBody {
  readonly init: RequestInit & { duplex?: "half" };
  /** Whether its progress is seen. */
  readonly isSeen: boolean;
}

/** A stream that only Workers have: its length is known in advance. */
declare const FixedLengthStream: (new (bytes: number) => TransformStream<Uint8Array, Uint8Array>) | undefined;

/** Whether `fetch` sends a stream as it comes: those of browsers may not. */
const sendsStreams =
  globalThis.process?.versions?.node !== undefined || globalThis.navigator?.userAgent === "Cloudflare-Workers";

/** Returns a body for `fetch`: a large one as a stream that reports progress to `moved`, if `fetch` accepts streams. */
export function toFetchBody(
  body: TransportBody | undefined,
  headers: Record<string, string>,
  moved: (bytes: number) => void,
): FetchBody {
  const pieced = inPieces(body);
  const isWhole = typeof body !== "object" || body instanceof Uint8Array;
  if (pieced === undefined || (isWhole && !sendsStreams)) {
    return { init: { headers, ...(body !== undefined && { body: body as string }) }, isSeen: pieced === undefined };
  }
  const pieces = piecesOf(pieced, moved);
  const stream = pulledStream(
    () => pieces.next(),
    async () => {
      await pieces.return(undefined);
    },
  ) as ReadableStream<Uint8Array>;
  const { bytes } = pieced;
  const isFixed = bytes !== undefined && typeof FixedLengthStream === "function";
  return {
    init: {
      headers: bytes === undefined ? headers : { ...headers, "content-length": String(bytes) },
      body: isFixed ? stream.pipeThrough(new FixedLengthStream(bytes)) : stream,
      duplex: "half",
    },
    isSeen: true,
  };
}
