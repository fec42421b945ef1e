import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { RequestError, getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";
import { answerClientErrors, demandHost } from "./client-errors.ts";
import { failure } from "./routes/envelope.ts";
import { CODE } from "./routes/errors.ts";
import { KEPT_TO_ORIGIN } from "./routes/foreign-pages.ts";

/** A listening server. */
export interface Listener {
  readonly port: number;
  /** Stops listening, ends idle connections at once, and resolves when the running requests are answered. */
  close(): Promise<void>;
}

/** Listens with a hono app. */
export async function listen(app: Hono, host: string, port: number): Promise<Listener> {
  const options = { hostname: host, overrideGlobalObjects: false, errorHandler: lastAnswer };
  const server = createServer({ requireHostHeader: false }, demandHost(getRequestListener(app.fetch, options)));
  answerClientErrors(server);
  const closeIdle = trackConnections(server);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        closeIdle();
      }),
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
