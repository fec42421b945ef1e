import type { IncomingMessage } from "node:http";
import { eachOfStream } from "./routes/body.ts";
import type { EachChunk, Take } from "./routes/body.ts";

/** The body of what Node received: the web stream of a `Request` takes longer than the rest of a small request. */
export function receivedBody(incoming: IncomingMessage, request: Request): EachChunk {
  return async (take) => {
    if (!incoming.destroyed) return eachReceived(incoming, take);
    // The client has gone: only the web stream gives what had arrived.
    await eachOfStream(request.body, take);
    return incoming.complete;
  };
}

/** Reads without ever destroying, which would close the connection before the answer is out. */
function eachReceived(incoming: IncomingMessage, take: Take): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const end = (): void => {
    incoming.off("data", onData).off("end", end).off("close", end);
    resolve(incoming.complete);
  };
  const onData = (chunk: Uint8Array): void => {
    try {
      if (take(chunk)) return;
    } catch (error) {
      reject(error);
    }
    incoming.pause();
    end();
  };
  incoming.on("data", onData).on("end", end).on("close", end);
  return promise;
}
