import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServer, type RunningServer, type ServerOptions } from "@kvplug/server";

/** A server in this process, on a file, that can be stopped and started again at the same place. */
export class StoppableServer implements AsyncDisposable {
  readonly #options: ServerOptions & { data: string; port: number };
  readonly #folder: string;
  #server: RunningServer;

  constructor(folder: string, options: ServerOptions & { data: string; port: number }, server: RunningServer) {
    this.#folder = folder;
    this.#options = options;
    this.#server = server;
  }

  static async start(options: ServerOptions): Promise<StoppableServer> {
    const folder = await mkdtemp(join(tmpdir(), "kvplug-stoppable-"));
    for (let attempt = 1; ; attempt++) {
      const placed = { ...options, data: join(folder, "kv.db"), port: freePort() };
      try {
        return new StoppableServer(folder, placed, await startServer(placed));
      } catch (error) {
        // Somebody else listens there.
        if (attempt === 10) throw error;
      }
    }
  }

  /** The one that runs, or ran last. */
  get server(): RunningServer {
    return this.#server;
  }

  get url(): string {
    return this.#server.url;
  }

  /** Ends all connections, and refuses new ones. */
  stop(): Promise<void> {
    return this.#server.close();
  }

  async startAgain(): Promise<void> {
    this.#server = await startServer(this.#options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await rm(this.#folder, { recursive: true });
  }
}

/** One that is probably free, below those that connections get: else one could take it while nobody listens there. */
export function freePort(): number {
  return 20_000 + Math.floor(Math.random() * 12_000);
}
