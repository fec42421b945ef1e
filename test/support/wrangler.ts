import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { RunningServer } from "@kvplug/server";
import { TOKEN } from "./rest.ts";

const require = createRequire(import.meta.url);
const PACKAGE = dirname(require.resolve("wrangler/package.json"));
const WRANGLER = join(PACKAGE, "bin", "wrangler.js");

/** What answers in place of Cloudflare's API. */
type Api = Pick<RunningServer, "url" | "account">;

/** Wrangler as its users have it: a process of its own, in a folder of its own. */
export class Wrangler implements AsyncDisposable {
  readonly folder: string;
  readonly #server: Api | undefined;

  constructor(folder: string, server: Api | undefined) {
    this.folder = folder;
    this.#server = server;
  }

  /** @param server In place of Cloudflare's API, for the commands that ask one. */
  static async open(server?: Api): Promise<Wrangler> {
    return new Wrangler(await mkdtemp(join(tmpdir(), "kvplug-wrangler-")), server);
  }

  /** Places a file for a command to read. */
  async file(name: string, content: string | Uint8Array): Promise<string> {
    await writeFile(join(this.folder, name), content);
    return name;
  }

  /** Makes a project of the folder, with a wrangler of its own. */
  async install(): Promise<void> {
    await mkdir(join(this.folder, "node_modules"));
    await symlink(await realpath(PACKAGE), join(this.folder, "node_modules", "wrangler"));
  }

  /** Runs a command; resolves with its standard output, rejects unless it succeeds. */
  async run(args: readonly string[], env: Record<string, string> = {}): Promise<Buffer> {
    const { stdout } = await promisify(execFile)(process.execPath, [WRANGLER, ...args], {
      cwd: this.folder,
      encoding: "buffer",
      env: this.#environment(env),
    });
    return stdout;
  }

  /** Starts `wrangler dev`; resolves with its address, once it listens. */
  async dev(): Promise<{ url: string } & AsyncDisposable> {
    const child = spawn(process.execPath, [WRANGLER, "dev", "--ip", "127.0.0.1", "--port", "0"], {
      cwd: this.folder,
      env: this.#environment(),
      stdio: ["ignore", "pipe", "inherit"],
    });
    const exited = once(child, "exit");
    let said = "";
    let url: string | undefined;
    for await (const text of child.stdout.setEncoding("utf8").iterator({ destroyOnReturn: false })) {
      said += text;
      url = /Ready on (http:\S+)/.exec(said)?.[1];
      if (url !== undefined) break;
    }
    child.stdout.resume();
    if (url === undefined) throw new Error(`wrangler dev tells no address: ${said}`);
    return {
      url,
      async [Symbol.asyncDispose]() {
        child.kill("SIGINT");
        await exited;
      },
    };
  }

  #environment(env: Record<string, string> = {}): NodeJS.ProcessEnv {
    return {
      PATH: process.env["PATH"],
      HOME: this.folder,
      XDG_CONFIG_HOME: this.folder,
      WRANGLER_LOG_PATH: this.folder,
      WRANGLER_SEND_METRICS: "false",
      WRANGLER_HIDE_BANNER: "true", // and with it the look for a newer version
      CI: "true",
      NO_COLOR: "1",
      CLOUDFLARE_API_TOKEN: TOKEN,
      ...(this.#server && {
        CLOUDFLARE_API_BASE_URL: this.#server.url,
        CLOUDFLARE_ACCOUNT_ID: this.#server.account,
      }),
      ...env,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
