import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Milliseconds } from "@kvplug/core/seam";
import { RequestError, getRequestListener } from "@hono/node-server";
import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Hono } from "hono";
import { answerClientErrors, requireHost } from "./client-errors.ts";
import { listening, listenOnSocket } from "./listen-on-socket.ts";
import { receivedBody } from "./received-body.ts";
import { EACH_CHUNK } from "./routes/body.ts";
import { failure } from "./routes/envelope.ts";
import { CODE } from "./routes/errors.ts";
import { SENDS_WHOLE, wholeBodyOf } from "./routes/whole-response.ts";
import { KEPT_TO_ORIGIN } from "./routes/foreign-pages.ts";

/** Where a server listens: on a port, or on a Unix socket, which only this user can open. */
export type Place = { readonly host: string; readonly port: number } | { readonly socket: string };

/** A listening server. */
export interface Listener {
  /** 0 for a socket. */
  readonly port: number;
  /** Stops listening, ends idle connections at once, and resolves when the running requests are answered. */
  close(): Promise<void>;
  /** Ends all connections, whatever runs on them. */
  cut(): void;
}

/**
 * How long a connection is kept that nobody uses: longer than the pools of most clients keep one, so that it does not end
 * here just as it is used there.
 */
const KEEP_ALIVE: Milliseconds = 75_000;

/** Listens with a hono app. */
export async function listen(app: Hono, place: Place): Promise<Listener> {
  const hostname = "host" in place ? place.host : "localhost";
  const options = { hostname, overrideGlobalObjects: false, errorHandler: lastAnswer };
  const server = createServer(
    { requireHostHeader: false },
    requireHost(getRequestListener(withoutStreams(app), options)),
  );
  server.keepAliveTimeout = KEEP_ALIVE;
  answerClientErrors(server);
  const closeIdle = trackConnections(server);
  if ("socket" in place) await listenOnSocket(server, place.socket);
  else await listening(server, () => server.listen(place.port, place.host));
  return {
    port: "socket" in place ? 0 : (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        closeIdle();
      }),
    cut: () => server.closeAllConnections(),
  };
}

/** Receives and answers without web streams: what the app answers is mostly in memory as a whole. */
function withoutStreams(app: Hono): Parameters<typeof getRequestListener>[0] {
  return async (request, env) => {
    const { incoming, outgoing } = env as HttpBindings;
    const ways = { [EACH_CHUNK]: receivedBody(incoming, request), [SENDS_WHOLE]: true };
    const response = await app.fetch(request, { incoming, outgoing, ...ways });
    const body = wholeBodyOf(response);
    if (body === undefined) return response;
    outgoing.statusCode = response.status;
    outgoing.setHeaders(response.headers);
    // Node tells no client of HTTP/1.0, which then cannot keep its connection, nor see that an answer broke off.
    outgoing.setHeader("content-length", Buffer.byteLength(body));
    outgoing.end(typeof body === "string" ? body : new Uint8Array(body));
    return RESPONSE_ALREADY_SENT;
  };
}

/** The answer to what never became a request, or fell through everything. */
function lastAnswer(error: unknown): Response {
  if (error instanceof RequestError) return answer(400, failure(CODE.notRouted, "The request has no valid URL."));
  return answer(500, failure(CODE.unavailable, "The server failed to handle this request."));
}

function answer(status: number, body: object): Response {
  return Response.json(body, { status, headers: KEPT_TO_ORIGIN });
}

/**
 * Returns a function that ends every connection as soon as no request runs on it. Node's own
 * `closeIdleConnections` overlooks those that have not sent anything yet, and those that turn idle later.
 */
function trackConnections(server: Server): () => void {
  const running = new Map<Socket, number>();
  let closing = false;
  server.on("connection", (socket) => {
    running.set(socket, 0);
    socket.once("close", () => running.delete(socket));
  });
  server.on("request", ({ socket }, response) => {
    running.set(socket, (running.get(socket) ?? 0) + 1);
    response.once("close", () => {
      const left = (running.get(socket) ?? 1) - 1;
      if (!socket.destroyed) running.set(socket, left);
      if (closing && left === 0) socket.destroySoon();
    });
  });
  return () => {
    closing = true;
    for (const [socket, count] of running) if (count === 0) socket.destroySoon();
  };
}
