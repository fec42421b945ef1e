import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
/** The Node of `pnpm start`, whichever runs the tests. */
const NODE = join(ROOT, "node_modules/node/bin/node");
const PROGRAM = join(ROOT, "examples/tour/tour.ts");

const PATIENCE_MS = 60_000;

/** The app of `pnpm start`, on data of its own. */
export class App {
  readonly #folder: string;
  readonly #env: NodeJS.ProcessEnv;
  #stop: (() => Promise<number | null>) | undefined;
  url = "";

  private constructor(folder: string, env: NodeJS.ProcessEnv) {
    this.#folder = folder;
    this.#env = env;
  }

  static async start(env: NodeJS.ProcessEnv = {}): Promise<App> {
    const app = new App(await mkdtemp(join(tmpdir(), "kvplug-demo-")), env);
    await app.#start(0);
    return app;
  }

  /** Ends the app as Ctrl-C does, and starts it anew at the same address. @returns the exit code. */
  async restart(): Promise<number | null> {
    const code = await this.#stop!();
    await this.#start(Number(new URL(this.url).port));
    return code;
  }

  /** @throws where it does not end as it should. */
  async remove(): Promise<void> {
    const code = await this.#stop?.();
    await rm(this.#folder, { recursive: true });
    if (code !== 0) throw new Error(`The app ended with ${code ?? "a signal, since it did not end by itself"}.`);
  }

  async #start(pagePort: number): Promise<void> {
    // Nothing in the environment may lead to Cloudflare.
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("CLOUDFLARE_"));
    const env = { ...Object.fromEntries(inherited), ...this.#env };
    const args = ["--data", ".kvplug/kv.sqlite", "--port", "0", "--page-port", String(pagePort)];
    const child = spawn(NODE, [PROGRAM, ...args], { cwd: this.#folder, env, stdio: ["ignore", "pipe", "inherit"] });
    const exited = once(child, "exit") as Promise<[number | null]>;
    this.#stop = async () => {
      child.kill("SIGINT");
      const impatience = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
      const [code] = await exited;
      clearTimeout(impatience);
      return code;
    };
    let said = "";
    for await (const text of child.stdout.setEncoding("utf8").iterator({ destroyOnReturn: false })) {
      said += text;
      this.url = /^ {2}(http:\/\/127\.0\.0\.1:\d+)$/m.exec(said)?.[1] ?? "";
      if (said.includes("Ctrl-C stops")) break;
    }
    child.stdout.resume();
    if (this.url === "") throw new Error(`The app tells no address: ${said}`);
  }
}
