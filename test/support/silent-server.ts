import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A server that takes requests and never answers. */
export class SilentServer implements AsyncDisposable {
  readonly #server: Server;
  /** How many requests have come. */
  requests = 0;

  constructor() {
    this.#server = createServer((request) => {
      this.requests++;
      request.resume();
    });
  }

  static async start(): Promise<SilentServer> {
    const silent = new SilentServer();
    silent.#server.listen(0, "127.0.0.1");
    await once(silent.#server, "listening");
    return silent;
  }

  /** The options by which a driver reaches it. */
  get account(): { baseURL: string; accountId: string; namespaceId: string; apiToken: string } {
    const { port } = this.#server.address() as AddressInfo;
    const baseURL = `http://127.0.0.1:${port}/client/v4`;
    return { baseURL, accountId: "a".repeat(32), namespaceId: "b".repeat(32), apiToken: "test-token-0123456789" };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}
