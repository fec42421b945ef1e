import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { ProxyOptions } from "@kvplug/proxy";

const CHILD = fileURLToPath(new URL("./proxy-child.ts", import.meta.url));

/** A proxy in a process of its own. Disposing of it kills it. */
export class KillableProxy implements AsyncDisposable {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(url: string, child: ChildProcess) {
    this.url = url;
    this.#child = child;
  }

  /** @param execArgv Options of Node itself. */
  static async start(options: ProxyOptions, execArgv: readonly string[] = []): Promise<KillableProxy> {
    const args = [...execArgv, CHILD, JSON.stringify(options)];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    const [url] = (await once(createInterface(child.stdout), "line")) as [string];
    return new KillableProxy(url, child);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Ends it as a power failure would. */
  async kill(): Promise<void> {
    if (this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
