import { once } from "node:events";
import { createServer, request as httpRequest } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";

/** A proxy as companies have them: it tunnels by CONNECT, and hands on plain HTTP. */
export class ConnectProxy implements AsyncDisposable {
  /** What was asked of it: `CONNECT host:port`, `GET http://host:port/path`. */
  readonly asked: string[] = [];
  /** The credentials that came with each of them. */
  readonly credentials: (string | undefined)[] = [];
  readonly #server = createServer();
  readonly #sockets = new Set<Socket>();

  private constructor(answers: "tunnels" | "refuses" | "nothing") {
    this.#server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket)).on("error", () => {});
    });
    this.#server.on("connect", ({ url, headers }, socket: Socket) => {
      this.#note("CONNECT", url!, headers["proxy-authorization"]);
      if (answers === "refuses") socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
      if (answers !== "tunnels") return;
      const [host, port] = url!.split(":");
      const upstream = connect(Number(port), host, () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        socket.pipe(upstream).pipe(socket);
      });
      upstream.on("error", () => socket.destroy());
      upstream.on("close", () => socket.destroy());
      socket.on("close", () => upstream.destroy());
    });
    this.#server.on("request", (request, response) => {
      const { method, url, headers } = request;
      this.#note(method!, url!, headers["proxy-authorization"]);
      const { "proxy-authorization": _, "proxy-connection": __, ...others } = headers;
      const upstream = httpRequest(url!, { method, headers: others }, (answer) => {
        response.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(response);
      });
      request.pipe(upstream);
    });
  }

  static async start(answers: "tunnels" | "refuses" | "nothing" = "tunnels"): Promise<ConnectProxy> {
    const proxy = new ConnectProxy(answers);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  /** `host:port` */
  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #note(method: string, url: string, credentials: string | undefined): void {
    this.asked.push(`${method} ${url}`);
    this.credentials.push(credentials);
  }
}
