import { maxHeaderSize } from "node:http";
import type { RequestListener, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { failure } from "./routes/envelope.ts";
import { CODE } from "./routes/errors.ts";
import { KEPT_TO_ORIGIN } from "./routes/foreign-pages.ts";

type Refusal = readonly [status: number, reason: string, message: string];

/** The answers to what Node's parser may find wrong. */
const ANSWERS: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: [
    431,
    "Request Header Fields Too Large",
    `The path and headers of a request may have up to ${maxHeaderSize} bytes together.`,
  ],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, "Payload Too Large", "The chunk extensions of the body are too long."],
  ERR_HTTP_REQUEST_TIMEOUT: [408, "Request Timeout", "The request did not arrive in time."],
};
const NO_HTTP: Refusal = [400, "Bad Request", "This is not an HTTP request."];
const NO_HOST: Refusal = [400, "Bad Request", "The request names no host."];
const NOT_MET: Refusal = [417, "Expectation Failed", "This server meets no expectation: leave out the Expect header."];

/**
 * Answers what never becomes a request: with the API's envelope, and with the headers that keep answers from other
 * origins. Node sends neither by itself.
 */
export function answerClientErrors(server: Server): void {
  const responses = new WeakMap<Socket, ServerResponse>();
  server.on("request", ({ socket }, response) => void responses.set(socket, response));
  server.on("checkExpectation", (_request, response) => send(response, NOT_MET));
  server.on("clientError", (error: NodeJS.ErrnoException, stream) => {
    const socket = stream as Socket;
    const response = responses.get(socket);
    // Within an answer, the client would read another one as a part of it.
    const isAnswering = response?.headersSent && !response.writableFinished;
    if (!socket.writable || isAnswering) {
      socket.destroy();
      return;
    }
    const [status, reason, message] = ANSWERS[error.code ?? ""] ?? NO_HTTP;
    const [headers, body] = answerOf(message);
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`HTTP/1.1 ${status} ${reason}\r\n${lines.join("")}\r\n${body}`);
    socket.destroySoon();
  });
}

/** Passes on requests that name a host, as all must since HTTP/1.1. The server needs `requireHostHeader: false`. */
export function requireHost(listener: RequestListener): RequestListener {
  return (request, response) => {
    if (request.httpVersion === "1.0" || request.headers.host !== undefined) listener(request, response);
    else send(response, NO_HOST);
  };
}

function send(response: ServerResponse, [status, , message]: Refusal): void {
  const [headers, body] = answerOf(message);
  response.writeHead(status, headers).end(body);
}

function answerOf(message: string): [headers: Record<string, string | number>, body: string] {
  const body = JSON.stringify(failure(CODE.notRouted, message));
  const length = Buffer.byteLength(body);
  return [
    { "content-type": "application/json", "content-length": length, connection: "close", ...KEPT_TO_ORIGIN },
    body,
  ];
}
