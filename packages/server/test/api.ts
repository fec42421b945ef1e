import { once } from "node:events";
import { connect } from "node:net";
import { expect } from "vitest";
import { startServer } from "@kvplug/server";
import type { RunningServer, ServerOptions } from "@kvplug/server";

/** An answer, read to its end. */
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  bytes: Uint8Array;
  /** The envelope, where it is one. */
  body: any;
}

/** A server with one namespace, and how to ask it. */
export interface Api extends AsyncDisposable {
  server: RunningServer;
  /** The path of the namespace, below the server's origin. */
  path: string;
  /** Asks for a path below the namespace, or where it begins with no slash, below all namespaces. */
  ask(
    method: string,
    path: string,
    body?: RequestInit["body"] | object,
    headers?: Record<string, string>,
  ): Promise<Answer>;
}

export async function startApi(options: ServerOptions = {}): Promise<Api> {
  const server = await startServer({ namespaces: [{ title: "main", id: "main-id" }], ...options });
  const root = `/client/v4/accounts/${server.account}/storage/kv/namespaces`;
  const path = `${root}/main-id`;
  const origin = new URL(server.url).origin;
  return {
    server,
    path,
    async ask(method, below, body, headers = {}) {
      const plain =
        body !== null &&
        typeof body === "object" &&
        (Array.isArray(body) || Object.getPrototypeOf(body) === Object.prototype);
      const init: RequestInit = { method, headers };
      if (body !== undefined) init.body = plain ? JSON.stringify(body) : (body as NonNullable<RequestInit["body"]>);
      if (body instanceof ReadableStream) Object.assign(init, { duplex: "half" });
      const url = below.startsWith("/")
        ? `${origin}${path}${below}`
        : `${origin}${root}${below === "" || below.startsWith("?") ? below : `/${below}`}`;
      const response = await fetch(url, init);
      const bytes = new Uint8Array(await response.arrayBuffer());
      const text = new TextDecoder().decode(bytes);
      const isJson = response.headers.get("content-type")?.startsWith("application/json") === true;
      return {
        status: response.status,
        headers: response.headers,
        text,
        bytes,
        body: isJson ? JSON.parse(text) : undefined,
      };
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
}

/** Expects the API's envelope of an error. */
export function expectError(answer: Answer, status: number, code: number, message?: RegExp | string): void {
  expect(answer.body, answer.text.slice(0, 200)).toMatchObject({
    success: false,
    errors: [
      { code, message: message instanceof RegExp ? expect.stringMatching(message) : (message ?? expect.any(String)) },
    ],
    messages: [],
    result: null,
  });
  expect(answer.status).toBe(status);
}

/** Expects success, and returns its result. */
export function resultOf(answer: Answer): any {
  expect(answer.body, answer.text.slice(0, 200)).toMatchObject({ success: true, errors: [], messages: [] });
  expect(answer.status).toBe(200);
  return answer.body.result;
}

/** Sends exactly this over a socket, as no HTTP client would, and returns all that comes back. */
export async function sendRaw(port: number, lines: readonly string[]): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let received = "";
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => (received += chunk));
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  await once(socket, "close");
  return received;
}
