import { once } from "node:events";
import { Agent, createServer, request, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

export interface RelayOptions {
  /** The requests that are counted, by method and path. Default: all. */
  about?: RegExp | undefined;
  /** Default: a free one. */
  port?: number | undefined;
}

/**
 * A relay in front of a server. It passes on all requests as they come, and keeps answers back, so that a test knows what is
 * under way however fast or slow the machine is.
 */
export class Relay implements AsyncDisposable {
  readonly url: string;
  readonly #target: URL;
  readonly #about: RegExp;
  readonly #listener: Server;
  readonly #agent: Agent = new Agent({ keepAlive: true });
  #keeps: (nth: number) => boolean = () => false;
  #nth = 0;
  /** Lets go of an answer, each. */
  #kept: (() => void)[] = [];
  #noticed: PromiseWithResolvers<void> = Promise.withResolvers();

  private constructor(target: URL, about: RegExp, listener: Server) {
    const { port } = listener.address() as AddressInfo;
    this.url = `http://127.0.0.1:${port}${target.pathname}`;
    this.#target = target;
    this.#about = about;
    this.#listener = listener;
    listener.on("request", (from, to) => {
      void this.#pass(from, to);
    });
  }

  static async start(url: string, { about = /./, port = 0 }: RelayOptions = {}): Promise<Relay> {
    const listener = createServer().listen(port, "127.0.0.1");
    await once(listener, "listening");
    return new Relay(new URL(url), about, listener);
  }

  /**
   * A relay whose port nobody else takes while it is closed: below those that connections get.
   */
  static async startOnQuietPort(url: string, options: RelayOptions = {}): Promise<Relay> {
    for (;;) {
      try {
        return await Relay.start(url, { ...options, port: 15_000 + Math.floor(Math.random() * 5000) });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
      }
    }
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** Lets go of what is kept back, and from now on keeps back these answers, by the number of their request. */
  keep(which: (nth: number) => boolean): void {
    this.release();
    this.#keeps = which;
  }

  /** Resolves once the server has given so many answers that are kept back. */
  async keeping(count: number = 1): Promise<void> {
    while (this.#kept.length < count) await this.#noticed.promise;
  }

  /** Lets go of what is kept back, and keeps nothing any more. */
  release(): void {
    const kept = this.#kept;
    this.#kept = [];
    this.#keeps = () => false;
    this.#nth = 0;
    for (const letGo of kept) letGo();
  }

  /** Breaks all connections, and listens no more. */
  async close(): Promise<void> {
    this.#listener.closeAllConnections();
    const closed = once(this.#listener, "close");
    this.#listener.close();
    await closed;
    this.#agent.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#listener.listening) await this.close();
  }

  async #pass(from: IncomingMessage, to: ServerResponse): Promise<void> {
    const { method = "", url = "", headers } = from;
    const keeps = this.#keeps;
    const isKept = this.#about.test(`${method} ${url}`) && keeps(this.#nth++);
    try {
      const passed = request(new URL(url, this.#target), { method, headers, agent: this.#agent });
      from.pipe(passed);
      const [answer] = (await once(passed, "response")) as [IncomingMessage];
      const body = await buffer(answer);
      // Unless it was let go of before it was there.
      if (isKept && this.#keeps === keeps) await this.#letGo();
      to.writeHead(answer.statusCode!, answer.headers).end(body);
    } catch {
      // The server broke the connection: so does this.
      to.destroy();
    }
  }

  #letGo(): Promise<void> {
    return new Promise((resolve) => {
      this.#kept.push(resolve);
      const noticed = this.#noticed;
      this.#noticed = Promise.withResolvers();
      noticed.resolve();
    });
  }
}
