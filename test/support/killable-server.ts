import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { ServerOptions } from "@kvplug/server";
import { freePort } from "./stoppable-server.ts";

const CHILD = fileURLToPath(new URL("./serving-child.ts", import.meta.url));

/** A server in a process of its own, on a file, that can be killed and started again at the same place. */
export class KillableServer implements AsyncDisposable {
  readonly #options: ServerOptions & { port: number };
  #child: ChildProcess;

  constructor(options: ServerOptions & { port: number }, child: ChildProcess) {
    this.#options = options;
    this.#child = child;
  }

  static async start(options: ServerOptions): Promise<KillableServer> {
    for (;;) {
      const placed = { ...options, port: freePort() };
      const child = await launch(placed);
      if (child) return new KillableServer(placed, child);
    }
  }

  get url(): string {
    return `http://127.0.0.1:${this.#options.port}/client/v4`;
  }

  /** Ends it as a power failure would; at once where it is dead already. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }

  /** Kills it, and starts it again. */
  async restart(): Promise<void> {
    await this.kill();
    const child = await launch(this.#options);
    if (child === undefined) throw new Error(`The server did not start again on port ${this.#options.port}.`);
    this.#child = child;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}

/** Resolves once it listens; with `undefined` where it cannot. */
async function launch(options: ServerOptions): Promise<ChildProcess | undefined> {
  const child = spawn(process.execPath, [CHILD, JSON.stringify(options)], { stdio: ["ignore", "pipe", "ignore"] });
  const listening = once(createInterface(child.stdout), "line");
  const exited = once(child, "exit").then(() => undefined);
  return (await Promise.race([listening, exited])) && child;
}
