import { maxHeaderSize } from "node:http";
import type { Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { failure } from "./routes/envelope.ts";
import { CODE } from "./routes/errors.ts";
import { KEPT_TO_ORIGIN } from "./routes/foreign-pages.ts";

/** What Node's parser found wrong, and the answer to it; anything else is no HTTP. */
const ANSWERS: Readonly<Record<string, readonly [status: string, message: string]>> = {
  HPE_HEADER_OVERFLOW: [
    "431 Request Header Fields Too Large",
    `The path and headers of a request may have up to ${maxHeaderSize} bytes together.`,
  ],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ["413 Payload Too Large", "The chunk extensions of the body are too long."],
  ERR_HTTP_REQUEST_TIMEOUT: ["408 Request Timeout", "The request did not arrive in time."],
};
const NO_HTTP = ["400 Bad Request", "This is not an HTTP request."] as const;

/** Answers what never becomes a request as all else is answered: Node would do so without an envelope, or headers of ours. */
export function answerClientErrors(server: Server): void {
  const responses = new WeakMap<Socket, ServerResponse>();
  server.on("request", ({ socket }, response) => void responses.set(socket, response));
  server.on("clientError", (error: NodeJS.ErrnoException, stream) => {
    const socket = stream as Socket;
    const response = responses.get(socket);
    // In the midst of an answer, another one would be taken for a part of it.
    const isAnswering = response?.headersSent && !response.writableFinished;
    if (!socket.writable || isAnswering) return void socket.destroy();
    const [status, message] = ANSWERS[error.code ?? ""] ?? NO_HTTP;
    const body = JSON.stringify(failure(CODE.notRouted, message));
    const headers = {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
      connection: "close",
      ...KEPT_TO_ORIGIN,
    };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`HTTP/1.1 ${status}\r\n${lines.join("")}\r\n${body}`);
    return void socket.destroySoon();
  });
}
